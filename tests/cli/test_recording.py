"""Events are recorded, compared with the table, and played again."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from qqbot_cli.cli.drift import show_drift
from qqbot_cli.cli.recording import Recorder, RecordingError, hidden, read_recording
from qqbot_cli.cli.redact import Redactor
from qqbot_cli.model.frame import decode_frame
from tests.cli.test_commands import started, write
from tests.conftest import CANARY, run_qqbot

SAMPLES = Path(__file__).parents[1] / "samples"


def raw(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def record(
    path: Path, *names: str, blank: bool = False, secrets: Redactor | None = None
) -> list[dict[str, Any]]:
    with Recorder(path, secrets or Redactor(), blank=blank) as recorder:
        for name in names:
            recorder.take(0, decode_frame(raw(name)))
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# --- writing


def test_a_recording_has_the_frames_as_they_came_with_shard_and_time(tmp_path: Path) -> None:
    (line,) = record(tmp_path / "r.jsonl", "GROUP_AT_MESSAGE_CREATE")

    sample = json.loads(raw("GROUP_AT_MESSAGE_CREATE"))
    assert {key: line[key] for key in ("op", "s", "t", "id", "d")} == {**sample}
    assert line["shard"] == 0
    assert line["at"] > 1_700_000_000


def test_a_second_run_adds_to_a_recording(tmp_path: Path) -> None:
    record(tmp_path / "r.jsonl", "READY")

    assert len(record(tmp_path / "r.jsonl", "RESUMED")) == 2


def test_f94_no_session_id_and_no_secret_is_recorded(tmp_path: Path) -> None:
    secrets = Redactor()
    secrets.add(CANARY)
    with Recorder(tmp_path / "r.jsonl", secrets, blank=False) as recorder:
        recorder.take(0, decode_frame(raw("READY")))
        recorder.take(0, decode_frame(json.dumps({"op": 0, "t": "X", "d": {"content": f"it is {CANARY}"}})))

    text = (tmp_path / "r.jsonl").read_text(encoding="utf-8")
    assert json.loads(raw("READY"))["d"]["session_id"] not in text
    assert CANARY not in text


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.json")))
def test_a_blank_recording_has_the_shape_and_not_the_words(name: str, tmp_path: Path) -> None:
    (line,) = record(tmp_path / "r.jsonl", name, blank=True)

    text = json.dumps(line, ensure_ascii=False)
    assert not re.search("[\u4e00-\u9fff]", text)
    assert "qlogo" not in text
    assert show_nothing_new(tmp_path / "r.jsonl")


def show_nothing_new(path: Path) -> bool:
    from qqbot_cli.model.drift import drifts_of

    return not [
        drift
        for frame in read_recording(str(path), unreadable=lambda line, fault: pytest.fail(fault))
        for drift in drifts_of(frame.event, frame.d)
    ]


def test_types_and_lengths_stay_when_words_are_hidden() -> None:
    payload = {"content": "你好 😀", "tags": ["a", "bc"], "size": 3, "author": {"username": None, "id": "1"}}

    assert hidden(payload, blank=True) == {
        "content": "××××",
        "tags": ["×", "××"],
        "size": 3,
        "author": {"username": None, "id": "1"},
    }


def test_a_recording_that_cannot_be_written_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"no/such/r\.jsonl"):
        record(tmp_path / "no/such/r.jsonl", "READY")


def test_what_json_cannot_read_is_counted(tmp_path: Path) -> None:
    with Recorder(tmp_path / "r.jsonl", Redactor(), blank=False) as recorder:
        recorder.take(0, decode_frame('{"op":0,"t":"X","d":{"n":' + "9" * 5000 + "}}"))

    assert recorder.left_out == 1


# --- reading


def test_lines_that_are_no_frames_are_told_and_the_others_read(tmp_path: Path) -> None:
    lines = ["nonsense", '{"op":10,"d":{}}', "[1]", "", '{"op":0,"t":"A","d":{}}', '{"op":0,"d":{}}']
    file = write(tmp_path, "\n".join(lines), "r.jsonl")
    faults: list[int] = []

    frames = list(read_recording(str(file), unreadable=lambda line, fault: faults.append(line)))

    assert [(frame.event, frame.line) for frame in frames] == [("A", 5)]
    assert faults == [1, 3, 6]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["missing", "binary"])
def test_a_file_that_cannot_be_read_is_an_error(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(RecordingError, match=re.escape(str(file))):
        list(read_recording(str(file), unreadable=lambda line, fault: None))


# --- drift


DRIFTING = [
    {"op": 0, "t": "NEW_EVENT", "d": {"level": 3}},
    *[{"op": 0, "t": "FRIEND_DEL", "d": {"openid": "A", "timestamp": "1", "mood": "sad"}}] * 2,
]


def test_drift_is_reported_by_event_with_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, "\n".join(map(json.dumps, DRIFTING)), "r.jsonl")

    show_drift(str(file), json_wanted=False)

    assert capsys.readouterr().out.splitlines() == [
        "3 frames of 2 kinds of events",
        "",
        "NEW_EVENT",
        "  no row in the table of events; it goes to unknown_event, 1 x",
        "  level: unknown field (integer), 1 x",
        "",
        "FRIEND_DEL",
        "  mood: unknown field (string), 2 x",
    ]


def test_drift_as_json(tmp_path: Path) -> None:
    file = write(tmp_path, "\n".join(map(json.dumps, DRIFTING)) + "\nnonsense", "r.jsonl")

    done = run_qqbot("events", "--drift", file, "--json", cwd=tmp_path)

    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert report["frames"] == 3
    assert report["unreadable"] == [{"line": 4, "fault": "no JSON (JSONDecodeError)"}]
    assert {"event": "FRIEND_DEL", "kind": "unknown field", "path": "mood", "expected": "", "found": "string",
            "count": 2} in report["drifts"]  # fmt: skip


def test_drift_reads_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = [json.dumps(json.loads(path.read_bytes())) for path in SAMPLES.glob("*.json")]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(frames)))

    show_drift("-", json_wanted=False)

    assert capsys.readouterr().out == (
        "59 frames of 59 kinds of events\nno drift: the table of events has it all\n"
    )


def test_f100_a_hostile_recording_moves_no_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = {"op": 0, "t": "\x1b[2Jforged\n0 drift", "d": {"\x1b]0;title\x07": 1}}
    file = write(tmp_path, json.dumps(frame), "r.jsonl")

    show_drift(str(file), json_wanted=False)

    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("events", "READY", "--drift", "x"), "not both"),
        (("events", "--drift", "nowhere.jsonl"), "nowhere.jsonl: No such file"),
        (("run", "--blank"), "goes with --record"),
        (("simulate", "--emit", "GROUP_AT_MESAGE_CREATE"), "did you mean GROUP_AT_MESSAGE_CREATE?"),
        (("simulate", "--replay", "nowhere.jsonl"), "nowhere.jsonl: No such file"),
    ],
    ids=["both", "no recording", "blank alone", "no event", "nothing to play"],
)
def test_wrong_usage_is_2_and_says_what_to_do(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    done = run_qqbot(*arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert words in done.stderr


def test_a_recording_with_a_broken_line_is_not_played(tmp_path: Path) -> None:
    write(tmp_path, '{"op":0,"t":"A","d":{}}\n{"op"', "r.jsonl")

    done = run_qqbot("simulate", "--replay", "r.jsonl", cwd=tmp_path)

    assert (done.returncode, "r.jsonl:2: no JSON" in done.stderr) == (2, True)


# --- a whole round


def test_what_one_run_recorded_happens_again_to_another(tmp_path: Path) -> None:
    config = write(tmp_path, "simulate: {users: 3, shards: 1, pace: 50ms}\nstate_dir: .\n")
    first = run_qqbot("run", config, "--for", "1s", "--record", "r.jsonl", cwd=tmp_path)
    recorded = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()]
    said = [line["d"]["id"] for line in recorded if line["t"] == "GROUP_AT_MESSAGE_CREATE"]

    with started("simulate", "--shards", "1", "--replay", "r.jsonl", cwd=tmp_path) as simulator:
        assert simulator.stdout is not None
        lines = [simulator.stdout.readline() for _ in range(8)]
        other = write(tmp_path, "".join(lines) + "state_dir: .\n", "other.yaml")
        run_qqbot("run", other, "--for", "2s", "--record", "again.jsonl", "--ui", "quiet", cwd=tmp_path)
    again = [json.loads(line) for line in (tmp_path / "again.jsonl").read_text(encoding="utf-8").splitlines()]

    assert first.returncode == 0
    assert said
    assert [line["d"]["id"] for line in again if line["t"] == "GROUP_AT_MESSAGE_CREATE"] == said
    assert yaml.safe_load("".join(lines))["token"]["secret"] not in json.dumps(recorded + again)


def test_emit_all_lets_every_event_happen(tmp_path: Path) -> None:
    with started("simulate", "--users", "0", "--shards", "1", "--emit", "all", cwd=tmp_path) as simulator:
        assert simulator.stdout is not None
        lines = [simulator.stdout.readline() for _ in range(8)]
        config = write(tmp_path, "".join(lines) + "state_dir: .\nintents: [all, enter_aio, group_members]\n")
        run_qqbot("run", config, "--for", "1s", "--record", "r.jsonl", "--ui", "quiet", cwd=tmp_path)

    recorded = [json.loads(line)["t"] for line in (tmp_path / "r.jsonl").read_text("utf-8").splitlines()]
    assert len(set(recorded)) == 58  # all but RESUMED
    assert show_nothing_new(tmp_path / "r.jsonl")
