"""The table of error codes: complete in both languages, and an answer for every number."""

from __future__ import annotations

import pytest

from qqbot_cli.errors import ExitCode
from qqbot_cli.model.codes import CODES, RANGES, Area, CodeClass, CodeEntry, Repetition, Special, code_entry
from qqbot_cli.model.codes.close import ACTIONS, in_both
from qqbot_cli.model.codes.exits import EXITS
from qqbot_cli.model.language import Language, Text, language_of
from qqbot_cli.model.opcode import CLOSE_RULES, Recovery, close_rule

CHINESE = range(0x4E00, 0x9FFF)


def is_said_in_both(text: Text) -> bool:
    return (
        all(part and part == part.strip() and not part.endswith((".", "。")) for part in text)
        and any(ord(letter) in CHINESE for letter in text.zh)
        and any(letter.isascii() and letter.isalpha() for letter in text.en)
    )


@pytest.mark.parametrize("entry", CODES.values(), ids=lambda entry: str(entry.number))
def test_every_code_has_class_area_meaning_and_remedy_in_both_languages(entry: CodeEntry) -> None:
    assert entry.kind is not None
    assert entry.area is not Area.UNKNOWN
    assert is_said_in_both(entry.meaning)
    assert is_said_in_both(entry.remedy)
    assert entry.listed


def test_no_number_has_two_rows() -> None:
    from qqbot_cli.model import codes

    assert len(CODES) == sum(len(table) for table in codes._TABLES)


@pytest.mark.parametrize("kind", [*Area, *Repetition], ids=lambda kind: f"{type(kind).__name__}.{kind.name}")
def test_every_area_and_repetition_has_words_in_both_languages(kind: Area | Repetition) -> None:
    assert is_said_in_both(kind.value)


@pytest.mark.parametrize(
    ("numbers", "repetition"),
    [
        ((11241, 11242, 11243, 11244), Repetition.FRESH_TOKEN),
        ((11252, 11263, 11281), Repetition.ONCE),
        ((40093001,), Repetition.EACH_SECOND),
        ((40093002, 302012, 304049, 610013), Repetition.NEVER),
        ((40034004, 304082, 304083, 50055001, 50055002, 50055006), Repetition.BACK_OFF),
        ((40054006, 50065001, 620007, 40030009), Repetition.BACK_OFF),
        ((306003, 306005, 306006, 501002, 501003, 501004), Repetition.BACK_OFF),
        ((501006, 501007, 501011, 501012), Repetition.BACK_OFF),
        ((20028, 1100308, 620006), Repetition.PACE),
        ((304023, 304024, 40054005, 620003, 620004, 610010), Repetition.NEVER),
        ((11298, 11251, 11265, 304003, 40034105, 40034128), Repetition.NEVER),
    ],
    ids=lambda value: value.name if isinstance(value, Repetition) else "-".join(map(str, value)),
)
def test_codes_with_a_treatment_of_their_own_have_it(
    numbers: tuple[int, ...], repetition: Repetition
) -> None:
    assert {CODES[number].repetition for number in numbers} == {repetition}


@pytest.mark.parametrize("found", RANGES, ids=lambda found: str(found.numbers))
def test_an_unknown_number_is_explained_by_its_range(found: object) -> None:
    from qqbot_cli.model.codes import CodeRange

    assert isinstance(found, CodeRange)
    number = next(number for number in reversed(found.numbers) if number not in CODES)

    entry = code_entry(number)

    assert (entry.number, entry.area, entry.kind, entry.listed) == (number, found.area, found.kind, False)
    assert is_said_in_both(entry.meaning)
    assert is_said_in_both(entry.remedy)


@pytest.mark.parametrize(
    ("number", "area", "kind"),
    [
        (11246, Area.IDENTITY, CodeClass.AUTH),
        (11270, Area.RIGHTS, CodeClass.PERMISSION),
        (100500, Area.TOKEN, CodeClass.AUTH),
        (301050, Area.CHANNEL_PERMISSIONS, None),
        (620001, Area.REACTIONS, CodeClass.PARAMETER),
        (40099999, Area.CALLER, CodeClass.PARAMETER),
        (50099999, Area.PLATFORM, CodeClass.TRANSIENT),
        (7, Area.UNKNOWN, None),
        (0, Area.UNKNOWN, None),
        (-1, Area.UNKNOWN, None),
        (10**30, Area.UNKNOWN, None),
    ],
)
def test_no_number_is_without_an_entry(number: int, area: Area, kind: CodeClass | None) -> None:
    entry = code_entry(number)

    assert (entry.number, entry.area, entry.kind) == (number, area, kind)


def test_a_quota_of_the_day_and_a_pace_are_told_apart_in_words() -> None:
    assert "day" in CODES[304049].remedy.en
    assert "slow" in CODES[20028].remedy.en
    assert CODES[304049].special is Special.DAILY


@pytest.mark.parametrize("code", [*CLOSE_RULES, 4999, 1006])
def test_every_close_code_is_said_in_both_languages(code: int) -> None:
    rule = close_rule(code)

    assert is_said_in_both(in_both(rule.meaning))
    assert not rule.remedy or is_said_in_both(in_both(rule.remedy))


def test_every_recovery_and_every_exit_code_has_words() -> None:
    assert set(ACTIONS) == set(Recovery)
    assert set(EXITS) == set(ExitCode)
    assert all(map(is_said_in_both, ACTIONS.values()))
    for entry in EXITS.values():
        assert all(map(is_said_in_both, (entry.meaning, entry.remedy, entry.restart)))


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, Language.EN),
        ({"LANG": "zh_CN.UTF-8"}, Language.ZH),
        ({"LANG": "C.UTF-8"}, Language.EN),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_US.UTF-8"}, Language.ZH),
        ({"LC_ALL": "C", "LC_MESSAGES": "zh_CN", "LANG": "zh_CN"}, Language.EN),
        ({"LC_ALL": "", "LANG": "ZH_cn"}, Language.ZH),
    ],
)
def test_the_locale_decides_the_language(environ: dict[str, str], language: Language) -> None:
    assert language_of(environ) is language
