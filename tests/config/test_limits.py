"""F-93: files made to hurt are refused quickly and in little memory."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqbot_cli.config import document
from qqbot_cli.config.document import MAX_BYTES, parse_document
from qqbot_cli.config.load import load_config
from qqbot_cli.errors import ConfigError

MAX_SECONDS = 0.2
MAX_MORE_RSS = 10 * 1024 * 1024


def seconds_of(work: Callable[[], object]) -> float:
    """What *work* costs; the garbage of other tests may be collected in one run of it, not in three."""

    def cost() -> float:
        begin = time.process_time()
        work()
        return time.process_time() - begin

    return min(cost() for _ in range(3))


HOSTILE = {
    "brackets": (b"a: " + b"[" * 10_000, "deeper than 32 levels"),
    "indentation": (b"".join(b"  " * level + b"a:\n" for level in range(500)), "deeper than 32 levels"),
    "aliases": (b"a: &a [x, x]\nb: [*a, *a]\n", "anchors (&)"),
    "tags": (b"a: !!python/object/apply:os.system [id]\n", "tags (!)"),
    "nodes": (b"[" + (b"1," * 200 + b"\n") * 1_500 + b"]", "more than 20000"),
    "pairs": (b"[" + (b"a: b," * 3_000 + b"\n") * 60 + b"]", "more than 20000"),
    "more brackets": (b"a: " + (b"[" * 16_000 + b"\n") * 60, "deeper than 32 levels"),
    "words": (b"a: " + (b"x " * 25 + b"\n ") * 19_990 + b"\n- b", "does not line up"),
    "quote": (b"a: '" + (b"x" * 50 + b"\n") * 19_990, "never closed"),
    "size": (b"x" * (MAX_BYTES + 1), "larger than 1 MiB"),
    "one line": (b"a: " + b"x" * (MAX_BYTES - 10), "a line of more than 16384 characters"),
    "lines": (b"#\n" * 500_000, "more than 20000 lines"),
}


@pytest.mark.parametrize(("content", "message"), HOSTILE.values(), ids=HOSTILE)
def test_f93_hostile_yaml_is_refused_within_the_time(content: bytes, message: str) -> None:
    def refused() -> None:
        with pytest.raises(ConfigError) as caught:
            parse_document("config.yaml", content)
        assert message in str(caught.value)

    assert seconds_of(refused) <= MAX_SECONDS


@pytest.mark.parametrize(
    "content",
    [
        b"a: '" + (b"x" * 51 + b"\n") * 19_990 + b"'",
        b"a: " + (b"x " * 25 + b"\n ") * 19_990,
    ],
    ids=["quote", "words"],
)
def test_f93_a_long_text_within_the_limits_is_read_in_the_same_time(content: bytes) -> None:
    assert seconds_of(lambda: parse_document("config.yaml", content)) <= MAX_SECONDS


@pytest.mark.parametrize(
    "content",
    [b"a: [1, 'two']\nb: {c: |\n  text}\n", b"a: [1, 2\nb: c\n", b"a: [*x]\n", b"a: " + b"[" * 99, b"#\n"],
    ids=["good", "open list", "alias", "brackets", "empty"],
)
def test_f93_without_libyaml_the_answer_is_the_same(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer() -> object:
        try:
            return parse_document("config.yaml", content).data
        except ConfigError as exc:
            return str(exc)

    with_it = answer()
    monkeypatch.setattr(document, "CParser", None)

    assert answer() == with_it


MEASURED = """
import sys, time
from pathlib import Path
from qqbot_cli.config.load import load_config
from qqbot_cli.errors import ConfigError
STATUS = Path("/proc/self/status")
def peak():
    # Not that of getrusage, which begins with what the process had that started this one.
    lines = STATUS.read_text().splitlines() if STATUS.exists() else ["VmHWM: 0 kB"]
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
rss, begin = peak(), time.process_time()
try:
    load_config(Path(sys.argv[1]), environ={})
except ConfigError as exc:
    assert sys.argv[2] in str(exc)
    print(time.process_time() - begin, peak() - rss)
"""
"""Prints the seconds and bytes that a file costs in a process of its own, where the system tells."""


def assert_cheap(file: Path, message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(file), message],
        capture_output=True,
        text=True,
        check=True,
        timeout=50,
    )
    seconds, more_rss = done.stdout.split()
    assert float(seconds) <= MAX_SECONDS
    assert int(more_rss) <= MAX_MORE_RSS


@pytest.mark.parametrize(("content", "message"), HOSTILE.values(), ids=HOSTILE)
def test_f93_hostile_yaml_takes_little_memory(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(content)

    assert_cheap(file, message)


def test_f93_a_file_of_100_mb_is_refused_without_reading_it(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    with file.open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)

    assert_cheap(file, "larger than 1 MiB")


YAML_WORDS = st.sampled_from(
    [
        *(
            "token",
            "secret",
            "appid",
            "simulate",
            "plugins",
            "shards",
            "faults",
            "at",
            "do",
            "${",
            "$${",
            "${X}",
        ),
        *(": ", ":", "\n", "\n  ", "\n    - ", "{", "}", "[", "]", ",", "- ", "'", '"', "|", ">", "? ", "#"),
        *("&a", "*a", "!t", "\t", "\x1b", "\x85", "\u2028", "\ufeff", "：", "名字", "\\", '"\\ud800"'),
        *("true", "1.5", "0x", "---", "%YAML 1.1\n", "~"),
    ]
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "config.yaml"


def check(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    try:
        load_config(file, environ={})
    except ConfigError as exc:
        report = str(exc)
        assert all(char.isprintable() or char == "\n" for char in report)
        assert "error[QB" in report


@given(st.lists(YAML_WORDS, max_size=40))
def test_f92_any_yaml_like_text_gives_a_configuration_or_a_report(scratch: Path, words: list[str]) -> None:
    check(scratch, "".join(words).encode())


@given(st.text(max_size=200))
def test_f92_any_text_gives_a_configuration_or_a_report(scratch: Path, text: str) -> None:
    check(scratch, text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=200))
def test_f92_any_bytes_give_a_configuration_or_a_report(scratch: Path, content: bytes) -> None:
    check(scratch, content)


@given(st.text(max_size=60))
def test_f94_no_text_around_a_secret_makes_a_report_show_it(scratch: Path, text: str) -> None:
    content = f"token:\n  appid: 1\n  secret: canary-secret-5b1c9d7e\n  {text}\nx{text}\n"
    scratch.write_bytes(content.encode("utf-8", "surrogatepass"))

    with pytest.raises(ConfigError) as caught:
        load_config(scratch, environ={})

    assert "canary" not in str(caught.value)
