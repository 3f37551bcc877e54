"""From a path, the environment and flags to a `Config`, or to one report of everything that is wrong.

A flag comes before the environment, the environment before the file, the file before the defaults. All
inputs are arguments; what is read besides is the file and the files with secrets that it names.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from qqbot_cli.config.diagnostic import MAX_WORD, Code, Diagnostic, KeyPath, Place, closest, dotted
from qqbot_cli.config.document import Document, read_document
from qqbot_cli.config.schema import APPID_KEYS, Config, Origin
from qqbot_cli.config.source import printable
from qqbot_cli.config.validation import diagnostics_of
from qqbot_cli.errors import ConfigError

APPID: Final = ("token", "appid")
SECRET: Final = ("token", "secret")
SECRET_FILE: Final = ("token", "secret_file")

VARIABLES: Final[dict[str, tuple[str, ...]]] = {
    "QQBOT_APPID": APPID,
    "QQBOT_SECRET": SECRET,
    "QQBOT_SANDBOX": ("sandbox",),
    "QQBOT_TIMEOUT": ("timeout",),
    "QQBOT_INTENTS": ("intents",),
    "QQBOT_SHARDS": ("shards",),
    "QQBOT_STATE_DIR": ("state_dir",),
}
"""Environment variables and the keys they replace; an empty variable counts as not set."""

FILE_VARIABLES: Final[dict[str, tuple[str, ...]]] = {"QQBOT_APPID_FILE": APPID, "QQBOT_SECRET_FILE": SECRET}
"""Variables that name a file with the value, as Docker secrets need; the direct variable comes before."""

CREDENTIAL: Final = "qqbot_secret"
"""Name of the secret in systemd's ``$CREDENTIALS_DIRECTORY``; every other variable comes before."""

MAX_SECRET_BYTES: Final = 4_096

_OTHER_SPELLINGS: Final[dict[KeyPath, tuple[str, ...]]] = {APPID: APPID_KEYS[1:], SECRET: ("secret_file",)}

_PLACEHOLDER: Final = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}|\$\{")
"""An escaped brace, a variable with or without a default, or the beginning of something malformed."""


_NOT_OFFERED: Final = "no installed package offers this plugin"


@dataclass(frozen=True, slots=True)
class Overrides:
    """Values of flags; None and False mean that the flag was not given."""

    shards: str | None = None
    """Text of ``--shards``: auto, 4, 0-3/16 or 0,2/4."""
    sandbox: bool | None = None
    """True for ``--sandbox``, False for ``--no-sandbox``."""
    simulate: bool = False
    """True for ``--simulate``: simulate even if the file does not say so."""
    only: tuple[str, ...] = ()
    """Names of ``--only``, the only plugins to load."""


def find_config(argument: Path | None, *, environ: Mapping[str, str], cwd: Path, user_dir: Path) -> Path:
    """Return the file to load: *argument*, ``$QQBOT_CONFIG``, or the first that exists of the usual places.

    Args:
        argument: What the user named; it is not looked for here, so that loading can say what is wrong.
        environ: The environment.
        cwd: Where ``config.yaml`` and ``qqbot.yaml`` are looked for; ``KeyPath()`` gives short names.
        user_dir: The user's configuration folder, the last place.

    Raises:
        ConfigError: If there is none.
    """
    if argument is not None:
        return argument
    if environ.get("QQBOT_CONFIG"):
        return Path(environ["QQBOT_CONFIG"])
    candidates = (cwd / "config.yaml", cwd / "qqbot.yaml", user_dir / "config.yaml")
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    looked_at = "".join(f"\n     {printable(str(candidate))}" for candidate in candidates)
    help_ = "copy config.example.yaml to config.yaml, or name a file"
    raise ConfigError(f"no configuration found; looked at $QQBOT_CONFIG and{looked_at}\n   = help: {help_}")


def load_config(
    path: Path,
    *,
    environ: Mapping[str, str],
    overrides: Overrides | None = None,
    plugins: Collection[str] | None = None,
) -> Config:
    """Return the configuration in the file at *path*, completed by the environment and flags.

    Args:
        path: The file.
        environ: The environment.
        overrides: What flags say.
        plugins: Names of the plugins that are installed; None where it does not matter which are.

    Raises:
        ConfigError: If anything is wrong; the message is the report of everything that is.
    """
    document = read_document(path)
    notes = _notes(document, path)
    problems = [*document.problems, *_apply_environment(document, environ)]
    overrides = overrides or Overrides()
    _apply_flags(document, overrides)
    problems += [
        *_expand(document, environ),
        *_read_secret_file(document, path.parent),
    ]
    state_dir = document.data.get("state_dir")
    in_file = document.place(("state_dir",)).line is not None
    # With ~ it is refused, which is only seen at its beginning.
    if isinstance(state_dir, str) and in_file and not state_dir.startswith("~"):
        document.data["state_dir"] = str(path.parent / state_dir)
    problems = _settle_token(document, problems)
    if plugins is not None:
        problems += _unknown_plugins(document, overrides.only, plugins)
        notes += _useless_switches(document, plugins)

    config = None
    try:
        config = Config.model_validate(document.data, context=Origin(document, notes))
    except ValidationError as exc:
        # Where the value could not be fetched, what the schema says about the lack of it is no news.
        reported = {p.place for p in problems if p.code in {Code.NOT_FOUND, Code.BAD_VALUE}}
        problems += [
            found for found in diagnostics_of(exc, document, (), Config) if found.place not in reported
        ]
    # Raised outside of the except block: pydantic's error, with the values in it, is not to be chained.
    if config is None or problems:
        raise ConfigError(document.report(problems))
    return config


def _notes(document: Document, path: Path) -> tuple[str, ...]:
    """Return what works but should be changed, about the file as it is written."""
    token = document.data.get("token")
    if not isinstance(token, dict):
        return ()
    notes = [
        _note(document, ("token", key), f'put the number in quotes: {key}: "…"')
        for key in APPID_KEYS
        if type(token.get(key)) is int
    ]
    secret = token.get("secret")
    if isinstance(secret, str) and secret and _PLACEHOLDER.search(secret) is None and _others_may_read(path):
        notes.append(
            _note(
                document,
                SECRET,
                f"other users can read this file: chmod 600 {path.name}, or use ${{QQBOT_SECRET}}",
            )
        )
    return tuple(notes)


def _note(document: Document, path: KeyPath, text: str, *, key: bool = False) -> str:
    return printable(f"{document.place(path, key=key)}: note: {dotted(path)}: {text}")


def _others_may_read(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _apply_environment(document: Document, environ: Mapping[str, str]) -> list[Diagnostic]:
    """Put values of the environment over those of the file."""
    problems: list[Diagnostic] = []
    if directory := environ.get("CREDENTIALS_DIRECTORY"):
        file = Path(directory, CREDENTIAL)
        if file.exists():
            problems += _override_from_file(document, SECRET, file, f"$CREDENTIALS_DIRECTORY/{CREDENTIAL}")
    for variable, path in FILE_VARIABLES.items():
        if environ.get(variable) and not environ.get(variable.removesuffix("_FILE")):
            problems += _override_from_file(document, path, Path(environ[variable]), f"${variable}")
    for variable, path in VARIABLES.items():
        if value := environ.get(variable):
            if path == ("sandbox",):
                value = {"1": "true", "0": "false"}.get(value, value.lower())
            _override(document, path, value, f"${variable}")
    return problems


def _apply_flags(document: Document, overrides: Overrides) -> None:
    if overrides.shards is not None:
        _override(document, ("shards",), overrides.shards, "--shards")
    if overrides.sandbox is not None:
        _override(document, ("sandbox",), overrides.sandbox, "--sandbox")
    if overrides.simulate and not _simulates(document):
        _override(document, ("simulate",), {}, "--simulate")


def _simulates(document: Document) -> bool:
    return "simulate" in document.data and document.data["simulate"] not in (False, "false")


def _override(document: Document, path: tuple[str, ...], value: object, origin: str) -> None:
    """Override *path* and forget its other spellings."""
    document.override(path, value, origin)
    token = document.data.get("token")
    if isinstance(token, dict):
        for key in _OTHER_SPELLINGS.get(path, ()):
            token.pop(key, None)


def _override_from_file(
    document: Document, path: tuple[str, ...], file: Path, origin: str
) -> list[Diagnostic]:
    text, reason = _read_text(file)
    # Even without a value the environment wins: falling back to another secret would hide the mistake.
    _override(document, path, text or "", origin)
    if reason:
        return [document.diagnostic(path, Code.NOT_FOUND, reason, help="check the name and the permissions")]
    return []


def _read_text(file: Path) -> tuple[str, str]:
    """Return the content of a small file without its last line break, or why there is none."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_SECRET_BYTES + 1)
        if len(content) > MAX_SECRET_BYTES:
            return "", "the file is too large to be a secret"
        return content.decode("utf-8").removesuffix("\n").removesuffix("\r"), ""
    except UnicodeDecodeError:
        return "", "the file is not UTF-8 text"
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or "not a file name"
        return "", f"the file cannot be read: {reason}"


def _expand(document: Document, environ: Mapping[str, str]) -> list[Diagnostic]:
    """Replace the placeholders in all text of the file, after parsing, so that no value can add keys."""
    problems: list[Diagnostic] = []

    def expanded(value: object, path: KeyPath) -> object:
        match value:
            case dict():
                return {key: expanded(item, (*path, key)) for key, item in value.items()}
            case list():
                return [expanded(item, (*path, index)) for index, item in enumerate(value)]
            case str() if "${" in value and document.place(path).line is not None:
                return _PLACEHOLDER.sub(lambda match: replacement(match, path), value)
            case _:
                return value

    def replacement(match: re.Match[str], path: KeyPath) -> str:
        name, default = match.groups()
        if match[0] == "$${":
            return "${"
        if name is None:
            help_ = "write ${NAME} or ${NAME:-default}; $${ stands for the text ${"
            problems.append(document.diagnostic(path, Code.BAD_VALUE, "malformed ${…}", help=help_))
            return ""
        value = environ.get(name, "")
        if value or (default is None and name in environ):
            return value
        if default is not None:
            return str(default)
        problems.append(
            document.diagnostic(
                path,
                Code.NOT_FOUND,
                f"the environment variable {printable(name, 80)} is not set",
                help=f"set it, or write ${{{printable(name, 80)}:-default}}",
            )
        )
        return ""

    document.data = {key: expanded(value, (key,)) for key, value in document.data.items()}
    return problems


def _read_secret_file(document: Document, folder: Path) -> list[Diagnostic]:
    """Take the secret from the file that the configuration names."""
    token = document.data.get("token")
    if not isinstance(token, dict) or not isinstance(token.get("secret_file"), str):
        return []
    if "secret" in token:
        help_ = "keep one of them"
        return [document.diagnostic(SECRET_FILE, Code.BAD_VALUE, "secret is given too", help=help_, key=True)]
    text, reason = _read_text(folder / token["secret_file"])
    document.override(SECRET, text, SECRET_FILE)
    if reason:
        help_ = "the name is relative to this file"
        return [document.diagnostic(SECRET_FILE, Code.NOT_FOUND, reason, help=help_)]
    return []


def _unknown_plugins(document: Document, only: Sequence[str], installed: Collection[str]) -> list[Diagnostic]:
    """Report names that no package offers; what is switched off may be installed elsewhere."""
    code = Code.UNKNOWN_PLUGIN
    in_file = [
        document.diagnostic(
            ("plugins", name),
            code,
            _NOT_OFFERED,
            help=_meant(name, installed, ", or add enabled: false"),
            key=True,
        )
        for name, section in _plugin_sections(document).items()
        if name not in installed and not _is_switched_off(section)
    ]
    flag = Place("--only")
    in_flag = [
        Diagnostic(flag, code, f"{printable(name, MAX_WORD)}: {_NOT_OFFERED}", _meant(name, installed))
        for name in only
        if name not in installed
    ]
    return in_file + in_flag


def _meant(name: str, installed: Collection[str], otherwise: str = "") -> str:
    if match := closest(name, sorted(installed)):
        return f"did you mean {match!r}?"
    return f"install it: pip install qqbot-plugin-{printable(name, MAX_WORD)}{otherwise}"


def _useless_switches(document: Document, installed: Collection[str]) -> tuple[str, ...]:
    """Return a note for each plugin that is switched off, is not installed and may be meant for another."""
    sections = _plugin_sections(document)
    meant = {
        name: closest(name, sorted(installed))
        for name, section in sections.items()
        if name not in installed and _is_switched_off(section)
    }
    return tuple(
        _note(document, ("plugins", name), f"{_NOT_OFFERED}; did you mean {match!r}?", key=True)
        for name, match in meant.items()
        if match is not None and match not in sections
    )


def _plugin_sections(document: Document) -> dict[str, Any]:
    sections = document.data.get("plugins")
    return sections if isinstance(sections, dict) else {}


def _is_switched_off(section: object) -> bool:
    return isinstance(section, dict) and section.get("enabled") in (False, "false")


def _settle_token(document: Document, problems: list[Diagnostic]) -> list[Diagnostic]:
    """Ask for the token only where it is needed: the simulator brings one if there is none."""
    token = document.data.get("token")
    if _simulates(document):
        lacking = {p.path for p in problems if p.path[:1] == ("token",) and p.code is Code.NOT_FOUND}
        # With an unknown key the section stays: what is missing may only be misspelt.
        incomplete = (
            isinstance(token, dict)
            and set(token) <= {*APPID_KEYS, "secret", "secret_file"}
            and ("secret" not in token or not set(APPID_KEYS) & set(token))
        )
        if token is None or lacking or incomplete:
            document.data.pop("token", None)
            return [problem for problem in problems if problem.path not in lacking]
        return problems
    if token is None:
        help_ = "add token: {appid: …, secret: …}, set QQBOT_APPID and QQBOT_SECRET, or add simulate: true"
        missing = document.diagnostic(
            ("token",), Code.MISSING_KEY, "missing key 'token'", help=help_, key=True
        )
        document.data.pop("token", None)
        return [*problems, missing]
    return problems
