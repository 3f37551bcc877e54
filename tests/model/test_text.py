"""Text for the platform: tags, escaping, commands, and cutting long texts where it disturbs least."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqbot_cli import (
    MessageError,
    channel_link,
    command_enter,
    command_input,
    emoji,
    escape,
    escape_markdown,
    mention_everyone,
    mention_user,
    parse_command,
    split_text,
    unescape,
)
from qqbot_cli.model.grapheme import count
from qqbot_cli.model.payload.mention import without_mentions

ATOMS = ["👨‍👩‍👧", "🇩🇪", "👍🏽", "한", "e\u0301", "<@!12>", "&amp;", "https://a.bc/d?e=f", "[a b](https://x)"]
"""What is not cut: characters of several code points, tags, links."""
TEXTS = st.lists(
    st.sampled_from([*"ab .!?\n\t，。”）)(<>&@#/:[]1\r", "\u200d", "\u0301", *ATOMS]), max_size=60
)


def test_tags_are_written_in_the_newest_form() -> None:
    assert mention_user("A1") == '<qqbot-at-user id="A1" />'
    assert mention_everyone() == "<qqbot-at-everyone />"
    assert channel_link("9") == "<#9>"
    assert emoji(4) == emoji("4") == "<emoji:4>"


def test_a_mention_that_is_written_is_one_that_is_recognised() -> None:
    assert without_mentions(f"{mention_user('A1')} hello", {"A1"}) == "hello"
    assert parse_command(f"{mention_user('A1')} /roll 6") == ("/roll", "6")


def test_commands_are_percent_encoded() -> None:
    assert command_enter('/say "你好" & go') == (
        '<qqbot-cmd-enter text="%2Fsay%20%22%E4%BD%A0%E5%A5%BD%22%20%26%20go" />'
    )
    assert command_input("/a b", "A & B", reference=True) == (
        '<qqbot-cmd-input text="%2Fa%20b" show="A%20%26%20B" reference="true" />'
    )
    assert command_input("/a") == '<qqbot-cmd-input text="%2Fa" reference="false" />'


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100))
def test_a_command_can_say_everything(text: str) -> None:
    (value,) = re.findall(r'text="([^"]*)"', command_enter(text))

    assert unquote(value) == text


@pytest.mark.parametrize("text", ["", "x" * 101], ids=["empty", "too long"])
def test_a_command_has_1_to_100_characters(text: str) -> None:
    said = rf"text has {len(text)} characters, from 1 to 100"
    with pytest.raises(MessageError, match=said):
        command_enter(text)
    with pytest.raises(MessageError, match=said):
        command_input(text)
    with pytest.raises(MessageError, match="show has"):
        command_input("x", text)


@given(st.text())
def test_what_is_escaped_has_no_tags_and_comes_back(text: str) -> None:
    escaped = escape(text)

    assert not set(escaped) & set("<>")
    assert unescape(escaped) == text


def test_an_entity_is_read_once() -> None:
    assert unescape("&amp;lt;") == "&lt;"
    assert escape("&lt;") == "&amp;lt;"


@given(st.text())
def test_escaped_markdown_differs_in_backslashes_only(text: str) -> None:
    assert re.sub(r"\\(.)", r"\1", escape_markdown(text), flags=re.DOTALL) == text


def test_everything_that_formats_is_escaped() -> None:
    assert escape_markdown("*a* [b](c) #1 > ~_`!-\\") == (r"\*a\* \[b\]\(c) \#1 \> \~\_\`\!\-" + "\\\\")


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/roll 6", "/roll", "6"),
        ("  /roll   6  7 ", "/roll", "6  7"),
        ("<@!123> /roll", "/roll", ""),
        ("<@123><@!4>  hi there", "hi", "there"),
        ("/say line\nline", "/say", "line\nline"),
        ("hello <@!123>", "hello", "<@!123>"),
        ("", "", ""),
        ("<@!123> ", "", ""),
    ],
)
def test_a_command_is_the_first_word_after_mentions(text: str, command: str, rest: str) -> None:
    assert parse_command(text) == (command, rest)


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("short", 10, ["short"]),
        (" kept as it is ", 20, [" kept as it is "]),
        ("", 5, []),
        (" \n ", 5, []),
        ("a paragraph\n\nanother one here", 20, ["a paragraph", "another one here"]),
        ("first line\nsecond\nthird line", 18, ["first line\nsecond", "third line"]),
        ("One sentence. Another. And more", 24, ["One sentence. Another.", "And more"]),
        ("第一句话。第二句话！“第三句话。”完了", 16, ["第一句话。第二句话！", "“第三句话。”完了"]),
        ("some words that go on", 12, ["some words", "that go on"]),
        ("没有标点的很长的中文句子", 5, ["没有标点的", "很长的中文", "句子"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("list:\n    - one\n    - two", 16, ["list:\n    - one", "    - two"]),
        ("see https://example.com/a-page here", 28, ["see", "https://example.com/a-page", "here"]),
        ("hi <@!1234567890> there", 12, ["hi", "<@!123456789", "0> there"]),
        ("ab" + "👨‍👩‍👧" * 3, 7, ["ab👨‍👩‍👧", "👨‍👩‍👧", "👨‍👩‍👧"]),
        ("👨‍👩‍👧", 2, ["👨‍", "👩‍", "👧"]),
        ("x" * 5 + " a. " + "y" * 20, 25, ["xxxxx a.", "y" * 20]),
    ],
    ids=[
        "fits", "fits with space", "empty", "blank", "paragraphs", "lines", "sentences", "Chinese sentences",
        "words", "Chinese without punctuation", "one long word", "indentation stays", "address", "long tag",
        "emoji", "emoji longer than the limit", "an early place if there is no later one",
    ],
)  # fmt: skip
def test_a_long_text_is_cut_where_it_disturbs_least(text: str, limit: int, pieces: list[str]) -> None:
    assert split_text(text, limit) == pieces


@given(TEXTS.map("".join), st.integers(1, 30))
def test_pieces_keep_the_limit_and_lose_nothing_but_space(text: str, limit: int) -> None:
    pieces = split_text(text, limit)

    assert all(1 <= len(piece) <= limit for piece in pieces)
    position = 0
    for piece in pieces:
        found = text.index(piece, position)
        assert not text[position:found].strip()
        position = found + len(piece)
    assert not text[position:].strip()


@given(st.lists(st.sampled_from([*ATOMS, "word", " ", "。", "\n"]), max_size=60), st.integers(20, 40))
def test_nothing_is_torn_that_fits(parts: list[str], limit: int) -> None:
    # Apart from each other: two flags in a row, or an address and what follows it, would be something else.
    text = "，".join(parts)

    joined = "\0".join(split_text(text, limit))

    for atom in ATOMS:
        assert joined.count(atom) == text.count(atom)


def test_a_piece_has_at_least_one_character() -> None:
    with pytest.raises(ValueError, match="at least one"):
        split_text("x", 0)


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("", 0),
        ("abc", 3),
        ("你好", 2),
        ("👨‍👩‍👧", 1),
        ("🇩🇪🇫🇷🇮", 3),
        ("e\u0301", 1),
        ("👍🏽👍", 2),
        ("\r\n", 1),
        ("\u1112\u1161\u11ab", 1),
    ],
)
def test_a_character_is_what_a_reader_takes_for_one(text: str, characters: int) -> None:
    assert count(text) == characters
