from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from qqbot_cli.config.load import Overrides, find_config, load_config
from qqbot_cli.config.schema import Config, StoreChoice
from qqbot_cli.errors import ConfigError
from qqbot_cli.model.hosts import Endpoints
from qqbot_cli.model.intents import Intents
from qqbot_cli.model.simulation import Fault, FaultKind, Simulation, Way

CANARY = "canary-secret-5b1c9d7e"
TOKEN = 'token: {appid: "102000001", secret: "${QQBOT_SECRET:-from-the-file}"}\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def load(
    file: Path, text: str, environ: Mapping[str, str] | None = None, overrides: Overrides | None = None
) -> Config:
    file.write_text(text, encoding="utf-8")
    return load_config(file, environ=environ or {}, overrides=overrides)


def report_of(
    file: Path, text: str, environ: Mapping[str, str] | None = None, overrides: Overrides | None = None
) -> str:
    with pytest.raises(ConfigError) as caught:
        load(file, text, environ, overrides)
    return str(caught.value)


def secret_of(config: Config) -> str:
    assert config.token is not None
    return config.token.secret.get_secret_value()


SPELLINGS = """simulate: {}
plugins:
  echo: {order: 1}
  ecko:
    config: {prefix: "/e"}
  zzz:
"""


def test_a_plugin_that_no_package_offers_is_an_error_of_the_file_beside_the_others(file: Path) -> None:
    file.write_text(SPELLINGS + "colour: red\n")

    with pytest.raises(ConfigError) as caught:
        load_config(file, environ={}, overrides=Overrides(only=("eccho",)), plugins={"echo", "weather"})

    assert (
        str(caught.value)
        == f"""\
--only: error[QB106]: eccho: no installed package offers this plugin
   = help: did you mean 'echo'?

{file}:4:3: error[QB106]: plugins.ecko: no installed package offers this plugin
   |
  4|   ecko:
   |   ^
   = help: did you mean 'echo'?

{file}:6:3: error[QB106]: plugins.zzz: no installed package offers this plugin
   |
  6|   zzz:
   |   ^
   = help: install it: pip install qqbot-plugin-zzz, or add enabled: false

{file}:7:1: error[QB101]: colour: unknown key 'colour'
   |
  7| colour: red
   | ^
   = help: the keys here are: token, intents, sandbox, timeout, shards, store, inbox, watchdogs, state_dir, \
plugins, endpoints, simulate"""
    )


def test_which_plugins_are_installed_does_not_matter_to_who_does_not_say_it(file: Path) -> None:
    assert set(load(file, SPELLINGS).plugins) == {"echo", "ecko", "zzz"}


@pytest.mark.parametrize("off", ["false", "'false'", "${OFF:-false}"])
def test_a_plugin_that_is_switched_off_need_not_be_installed(file: Path, off: str) -> None:
    section = f"\n    enabled: {off}\n"
    file.write_text(f"simulate: {{}}\nplugins:\n  zzz:{section}  ecko:{section}")

    config = load_config(file, environ={}, plugins={"echo", "weather"})

    assert config.notes == (
        f"{file}:5:3: note: plugins.ecko: no installed package offers this plugin; did you mean 'echo'?",
    )


def test_a_plugin_beside_one_with_a_similar_name_is_no_misspelling_of_it(file: Path) -> None:
    file.write_text("simulate: {}\nplugins: {echo: {}, echo2: {enabled: false}}\n")

    assert load_config(file, environ={}, plugins={"echo"}).notes == ()


def test_a_token_is_all_a_file_needs(file: Path) -> None:
    config = load(file, TOKEN)

    assert config.token is not None
    assert config.token.appid == "102000001"
    assert secret_of(config) == "from-the-file"
    assert config.intents is None
    assert (config.sandbox, config.timeout, config.state_dir) == (False, 30.0, None)
    assert config.store == StoreChoice("sqlite", None)
    assert (config.shards.count, config.shards.ids) == (None, None)
    assert config.simulation is None
    assert config.hosts == Endpoints()
    assert config.plugin("echo").concurrency == 16
    assert config.notes == ()


@pytest.mark.parametrize("key", ["appid", "app_id", "appId"])
def test_the_appid_has_the_spellings_of_other_sdks(file: Path, key: str) -> None:
    config = load(file, f'token: {{{key}: "102000001", secret: abc}}')

    assert config.token is not None
    assert config.token.appid == "102000001"


@pytest.mark.parametrize(
    ("written", "intents"),
    [
        ("auto", None),
        ("all", Intents.all()),
        ("33554432", Intents.PUBLIC_MESSAGES),
        ("[Group-And-C2C, 1]", Intents.PUBLIC_MESSAGES | Intents.GUILDS),
        ("[default, -guilds]", Intents.default() & ~Intents.GUILDS),
        ("guilds, interaction", Intents.GUILDS | Intents.INTERACTION),
    ],
)
def test_intents_are_written_in_many_ways(file: Path, written: str, intents: Intents | None) -> None:
    assert load(file, f"{TOKEN}intents: {written}").intents == intents


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("45", 45.0),
        ("1.5", 1.5),
        ("1500ms", 1.5),
        ("30s", 30.0),
        ("5m", 300.0),
        ("0.1h", 360.0),
        ("'20'", 20.0),
    ],
)
def test_durations_have_units(file: Path, written: str, seconds: float) -> None:
    assert load(file, f"{TOKEN}timeout: {written}").timeout == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("written", "count", "ids"),
    [
        ("auto", None, None),
        ("4", 4, None),
        ("{count: 4, ids: [0, 1]}", 4, (0, 1)),
        ('"0-3/16"', 16, (0, 1, 2, 3)),
        ("0,2/4", 4, (0, 2)),
    ],
)
def test_shards_are_written_in_many_ways(
    file: Path, written: str, count: int | None, ids: tuple[int, ...] | None
) -> None:
    shards = load(file, f"{TOKEN}shards: {written}").shards

    assert (shards.count, shards.ids) == (count, ids)


@pytest.mark.parametrize("written", ["simulate: true", "simulate: {}", "simulate:"])
def test_a_simulation_needs_no_token(file: Path, written: str) -> None:
    config = load(file, written)

    assert config.simulation == Simulation()
    assert config.token is None


def test_a_simulation_does_not_ask_for_a_secret_that_is_not_set(file: Path) -> None:
    text = 'token: {appid: "102000001", secret: "${QQBOT_SECRET}"}'

    config = load(file, text, overrides=Overrides(simulate=True))

    assert config.simulation == Simulation()
    assert config.token is None


def test_simulate_false_is_the_real_platform(file: Path) -> None:
    assert load(file, f"{TOKEN}simulate: false").simulation is None


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("{at: {seq: 100}, do: rst_mid_frame}", (Fault(FaultKind.RST_MID_FRAME, at_seq=100),)),
        ("{at: {every: 30s}, do: {close: 4009}}", (Fault(FaultKind.CLOSE, 4009, every=30.0),)),
        (
            "{at: {event: 500}, do: {duplicate: 3, reorder: 2}}",
            (Fault(FaultKind.DUPLICATE, 3, at_event=500), Fault(FaultKind.REORDER, 2, at_event=500)),
        ),
        (
            "{at: {after: 10s}, do: {remaining: 0}, shard: 1}",
            (Fault(FaultKind.REMAINING, 0, shard=1, after=10.0),),
        ),
        ("{from: 60s, to: 90s, do: blackhole}", (Fault(FaultKind.BLACKHOLE, start=60.0, end=90.0),)),
        ("{from: 1m, do: {delay: 200ms}}", (Fault(FaultKind.DELAY, 0.2, start=60.0),)),
        (
            "{from: 1s, to: 2s, do: {latency: 200ms, jitter: 50ms}, way: down}",
            (
                Fault(FaultKind.LATENCY, 0.2, start=1.0, end=2.0, way=Way.DOWN),
                Fault(FaultKind.JITTER, 0.05, start=1.0, end=2.0, way=Way.DOWN),
            ),
        ),
        ("{at: {seq: 3}, do: {rst_after: 6}}", (Fault(FaultKind.RST_AFTER, 6, at_seq=3),)),
        ("{from: 1m, do: no_route, way: up}", (Fault(FaultKind.NO_ROUTE, start=60.0, way=Way.UP),)),
        ("{at: {seq: 1}, do: {invalid_session: true}}", (Fault(FaultKind.INVALID_SESSION, 1, at_seq=1),)),
        ("{at: {seq: 1}, do: {invalid_session: false}}", (Fault(FaultKind.INVALID_SESSION, 0, at_seq=1),)),
    ],
)
def test_a_line_of_a_fault_script_is_one_fault_for_each_deed(
    file: Path, line: str, faults: tuple[Fault, ...]
) -> None:
    assert load(file, f"simulate: {{faults: [{line}]}}").simulation == Simulation(faults=faults)


def test_a_flag_comes_before_the_environment_and_the_environment_before_the_file(file: Path) -> None:
    text = f"{TOKEN}shards: 2\ntimeout: 10s\nsandbox: false\n"
    environ = {
        "QQBOT_SHARDS": "3",
        "QQBOT_TIMEOUT": "20s",
        "QQBOT_SANDBOX": "1",
        "QQBOT_INTENTS": "guilds,all",
    }

    config = load(file, text, environ, Overrides(shards="4", sandbox=False))

    assert config.shards.count == 4
    assert config.timeout == 20.0
    assert config.sandbox is False
    assert config.intents == Intents.all()


def test_the_environment_can_give_the_whole_token(file: Path) -> None:
    config = load(file, "sandbox: true", {"QQBOT_APPID": "102000002", "QQBOT_SECRET": "from-the-environment"})

    assert config.token is not None
    assert config.token.appid == "102000002"
    assert secret_of(config) == "from-the-environment"


def test_the_appid_of_the_environment_replaces_any_spelling(file: Path) -> None:
    config = load(file, 'token: {appId: "102000001", secret: abc}', {"QQBOT_APPID": "102000002"})

    assert config.token is not None
    assert config.token.appid == "102000002"


def test_an_empty_variable_counts_as_not_set(file: Path) -> None:
    assert load(file, f"{TOKEN}timeout: 10s", {"QQBOT_TIMEOUT": ""}).timeout == 10.0


@pytest.mark.parametrize(
    ("environ", "secret"),
    [
        ({}, "named-in-the-file"),
        ({"CREDENTIALS_DIRECTORY": "."}, "credential"),
        ({"CREDENTIALS_DIRECTORY": ".", "QQBOT_SECRET_FILE": "docker"}, "docker"),
        ({"CREDENTIALS_DIRECTORY": ".", "QQBOT_SECRET_FILE": "docker", "QQBOT_SECRET": "direct"}, "direct"),
    ],
    ids=["file", "systemd", "docker", "variable"],
)
def test_a_secret_comes_from_the_nearest_place(
    file: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], secret: str
) -> None:
    monkeypatch.chdir(file.parent)
    Path("secret").write_text("named-in-the-file\n")
    Path("qqbot_secret").write_text("credential")
    Path("docker").write_text("docker\r\n", newline="")

    config = load(file, 'token: {appid: "102000001", secret_file: ./secret}', environ)

    assert secret_of(config) == secret


def test_secret_files_and_the_state_folder_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "bots").mkdir()
    (tmp_path / "secret").write_text("abc\n")

    config = load(
        tmp_path / "bots" / "config.yaml",
        'token: {appid: "102000001", secret_file: ../secret}\nstate_dir: state',
        {},
    )

    assert secret_of(config) == "abc"
    assert config.state_dir == tmp_path / "bots" / "state"


def test_an_appid_can_come_from_a_file(file: Path) -> None:
    appid = file.with_name("appid")
    appid.write_text("102000003\n")

    config = load(file, TOKEN, {"QQBOT_APPID_FILE": str(appid)})

    assert config.token is not None
    assert config.token.appid == "102000003"


def test_a_variable_cannot_change_the_structure(file: Path) -> None:
    text = "simulate: {}\nplugins: {echo: {config: {a: '${A}', b: '$${A}', c: ['${B:-x}${A}']}}}"

    config = load(file, text, {"A": "1\nsandbox: true"})

    assert config.plugin("echo").config == {
        "a": "1\nsandbox: true",
        "b": "${A}",
        "c": ["x1\nsandbox: true"],
    }


def test_numbers_and_switches_can_be_variables(file: Path) -> None:
    config = load(file, f"{TOKEN}sandbox: ${{S}}\nshards: {{count: '${{N}}'}}", {"S": "true", "N": "3"})

    assert config.sandbox is True
    assert config.shards.count == 3


def test_yaml_words_and_ids_stay_what_they_look_like(file: Path) -> None:
    values = "[yes, 12:30:45, 1_000, 2026-08-01, 1.10, 0x10, 12345678901234567890]"

    config = load(file, f"simulate: {{}}\nplugins: {{echo: {{config: {{values: {values}}}}}}}")

    assert config.plugin("echo").config["values"] == [
        "yes",
        "12:30:45",
        "1_000",
        "2026-08-01",
        1.1,
        16,
        "12345678901234567890",
    ]


def test_an_error_in_the_environment_names_the_variable(file: Path) -> None:
    report = report_of(file, TOKEN, {"QQBOT_TIMEOUT": "soon", "QQBOT_INTENTS": "guilds,guild_member"})

    assert sorted(report.split("\n\n")) == [
        "$QQBOT_INTENTS: error[QB103]: unknown intent 'guild_member'\n"
        "   = help: did you mean 'guild_members'?",
        "$QQBOT_TIMEOUT: error[QB103]: this is not a duration\n"
        "   = help: write a number of seconds, or 500ms, 30s, 5m or 1h",
    ]


def test_an_error_in_a_flag_names_the_flag(file: Path) -> None:
    report = report_of(file, TOKEN, overrides=Overrides(shards="9/4"))

    assert report == (
        "--shards: error[QB103]: shards of 4 are numbered from 0 to 3\n   = help: write for example 0-3/16"
    )


def test_a_missing_secret_file_of_the_environment_is_not_replaced_by_another_secret(
    file: Path,
) -> None:
    report = report_of(file, TOKEN, {"QQBOT_SECRET_FILE": "/no/such/file"})

    assert report.splitlines()[0] == (
        "$QQBOT_SECRET_FILE: error[QB105]: the file cannot be read: No such file or directory"
    )
    assert "\n\n" not in report


def test_an_unquoted_appid_is_accepted_with_a_note(file: Path) -> None:
    config = load(file, "token:\n  appid: 102000001\n  secret: ${S}\n", {"S": "abc"})

    assert config.token is not None
    assert config.token.appid == "102000001"
    assert config.notes == (f'{file}:2:10: note: token.appid: put the number in quotes: appid: "…"',)


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such permissions")
@pytest.mark.parametrize(("mode", "noted"), [(0o600, False), (0o640, True), (0o604, True)])
def test_a_secret_that_others_may_read_gives_a_note(file: Path, mode: int, noted: bool) -> None:
    file.write_text(f'token: {{appid: "102000001", secret: {CANARY}}}')
    file.chmod(mode)

    config = load_config(file, environ={})

    assert any("chmod 600" in note for note in config.notes) is noted
    assert CANARY not in "".join(config.notes)
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_f94_a_secret_is_in_no_text_of_the_configuration_or_its_errors(file: Path) -> None:
    config = load(file, f'token: {{appid: "102000001", secret: {CANARY}}}')
    with pytest.raises(ConfigError) as caught:
        load(file, f'token: {{appid: "1", secret: {CANARY}}}\nsandbox: {CANARY}')

    assert CANARY not in repr(config)
    assert CANARY not in str(config.model_dump())
    assert CANARY not in repr(config.document)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("argument", "variable", "files", "found"),
    [
        ("a.yaml", "b.yaml", ["cwd/config.yaml"], "a.yaml"),
        (None, "b.yaml", ["cwd/config.yaml"], "b.yaml"),
        (None, "", ["cwd/config.yaml", "cwd/qqbot.yaml"], "cwd/config.yaml"),
        (None, "", ["cwd/qqbot.yaml", "user/config.yaml"], "cwd/qqbot.yaml"),
        (None, "", ["user/config.yaml"], "user/config.yaml"),
    ],
)
def test_a_file_is_looked_for_in_the_usual_places(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    argument: str | None,
    variable: str,
    files: list[str],
    found: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in files:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()

    path = find_config(
        Path(argument) if argument else None,
        environ={"QQBOT_CONFIG": variable},
        cwd=Path("cwd"),
        user_dir=Path("user"),
    )

    assert path == Path(found)


def test_without_a_file_the_error_says_where_it_was_looked_for() -> None:
    with pytest.raises(ConfigError) as caught:
        find_config(None, environ={}, cwd=Path("here"), user_dir=Path("there"))

    assert str(caught.value).splitlines() == [
        "no configuration found; looked at $QQBOT_CONFIG and",
        f"     {Path('here/config.yaml')}",
        f"     {Path('here/qqbot.yaml')}",
        f"     {Path('there/config.yaml')}",
        "   = help: copy config.example.yaml to config.yaml, or name a file",
    ]


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("memory", StoreChoice("memory")),
        ("sqlite", StoreChoice("sqlite")),
        ("sqlite:///events.sqlite3", StoreChoice("sqlite", Path("events.sqlite3"))),
        ("sqlite:////var/lib/bot.sqlite3", StoreChoice("sqlite", Path("/var/lib/bot.sqlite3"))),
    ],
)
def test_a_store_is_named_by_a_word_or_by_its_file(text: str, choice: StoreChoice, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"simulate: true\nstore: {text}\n", encoding="utf-8")

    assert load_config(file, environ={}).store == choice


@pytest.mark.parametrize(("text", "number"), [("null", None), ("3", 3)])
def test_f38_after_how_many_skipped_numbers_a_session_is_resumed_is_set_here(
    text: str, number: int | None, tmp_path: Path
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"simulate: true\nwatchdogs: {{skipped_numbers: {text}}}\n", encoding="utf-8")

    assert load_config(file, environ={}).watchdogs.skipped_numbers == number


@pytest.mark.parametrize(("text", "seconds"), [("off", None), ("null", None), ("10m", 600.0)])
def test_a_watchdog_can_be_switched_off(text: str, seconds: float | None, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"simulate: true\nwatchdogs: {{silent_session: {text}}}\n", encoding="utf-8")

    assert load_config(file, environ={}).watchdogs.silent_session == seconds
