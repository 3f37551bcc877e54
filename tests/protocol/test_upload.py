from __future__ import annotations

import hashlib

import pytest

from qqbot_cli.errors import ApiError, MessageError
from qqbot_cli.model.answer.upload import UploadConfig, UploadPart, UploadPrepared
from qqbot_cli.model.body.upload import HASHED_HEAD, FileType
from qqbot_cli.model.decode import PayloadDecoder
from qqbot_cli.protocol.upload import (
    FORMATS,
    MAX_SIZE,
    MEGABYTE,
    SOFT_LIMITS,
    Hasher,
    Patience,
    Piece,
    Progress,
    at_once,
    can_continue,
    cut,
    file_name_of,
    file_type_of,
    format_of,
    is_stale,
    worth_repeating,
)

IMAGE, VIDEO, VOICE, FILE = FileType

CONTENTS = {
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "gif": b"GIF89a\1\0\1\0",
    "webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "bmp": b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
    "mp4": b"\0\0\0\x18ftypisom\0\0\2\0",
    "mov": b"\0\0\x0f\x11moov\0\0\0\x6cmvhd",
    "silk": b"\x02#!SILK_V3",
    "amr": b"#!AMR\n\x3c",
    "wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "ogg": b"OggS\0\2",
    "mp3": b"\xff\xfb\x90\x64\0",
}


@pytest.mark.parametrize("ending", [known.ending for known in FORMATS])
def test_a_content_is_known_by_its_first_bytes(ending: str) -> None:
    assert format_of(CONTENTS[ending]).ending == ending


@pytest.mark.parametrize(
    ("head", "ending"),
    [(b"#!SILK_V3", "silk"), (b"ID3\x04\0", "mp3"), (b"\0\0\0\x14ftypqt  ", "mp4"), (b"GIF87a", "gif")],
)
def test_other_ways_in_which_they_begin(head: bytes, ending: str) -> None:
    assert format_of(head).ending == ending


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"B",
        b"BM is how many a text begins, such as this one",
        b"%PDF-1.7",
        b"PK\3\4",
        b"RIFF\x24\0\0\0AVI LIST",
        b"\xff\xf1\x50\x80",  # AAC
        b"\xff\xff\xff\xff",
        b"\xfe\xffa\0",
        b"\0\0\0\x18ftypheic",
        b"\0\0\0\x1cftypM4A ",
        b"<svg xmlns=",
    ],
)
def test_everything_else_is_a_file(head: bytes) -> None:
    assert format_of(head).file_type is FILE
    assert file_type_of(head, 10) is FILE


@pytest.mark.parametrize(
    ("size", "expected"), [(20 * MEGABYTE, IMAGE), (20 * MEGABYTE + 1, FILE), (MAX_SIZE, FILE)]
)
def test_over_its_limit_a_picture_is_a_plain_file(size: int, expected: FileType) -> None:
    assert file_type_of(CONTENTS["png"], size) is expected
    assert file_type_of(CONTENTS["png"], size, IMAGE) is expected


def test_the_limits_are_the_documented_ones() -> None:
    assert {kind.name: limit // MEGABYTE for kind, limit in SOFT_LIMITS.items()} == {
        "IMAGE": 20,
        "VIDEO": 30,
        "VOICE": 20,
        "FILE": 200,
    }


@pytest.mark.parametrize(
    ("head", "size", "wanted", "said"),
    [
        (b"", 0, None, "source: is empty; a file object is read from where it stands"),
        (
            b"x",
            MAX_SIZE + MEGABYTE,
            FILE,
            "file: has 201.0 MB, at most 200 MB can be sent; put it where people can download it, and send"
            " the link",
        ),
        (
            CONTENTS["mp4"],
            99,
            IMAGE,
            "image: its content is a video, not one of png, jpg, gif, webp, bmp; send it as video, or"
            " convert it",
        ),
        (
            b"%PDF",
            99,
            VOICE,
            "voice: its content is a plain file, not one of silk, amr, wav, ogg, mp3; send it as file, or"
            " convert it",
        ),
    ],
    ids=["empty", "too big", "another kind", "no voice"],
)
def test_what_cannot_be_sent_is_said(head: bytes, size: int, wanted: FileType | None, said: str) -> None:
    with pytest.raises(MessageError) as caught:
        file_type_of(head, size, wanted)

    assert str(caught.value) == said


def test_whatever_is_wanted_as_a_file_is_one() -> None:
    assert file_type_of(CONTENTS["png"], 9, FILE) is FILE


def test_a_file_without_a_name_is_called_after_its_content() -> None:
    assert file_name_of("cat.jpg", CONTENTS["png"]) == "cat.jpg"
    assert file_name_of("", CONTENTS["png"]) == "image.png"
    assert file_name_of("", b"?") == "file.bin"


@pytest.mark.parametrize("size", [0, 1, HASHED_HEAD - 1, HASHED_HEAD, HASHED_HEAD + 1, HASHED_HEAD + 70_000])
def test_the_hash_of_the_beginning_ends_at_the_documented_byte(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    hasher = Hasher()
    for begin in range(0, size, 65_536 + 7):
        hasher.update(content[begin : begin + 65_536 + 7])

    digest = hasher.digest()
    assert digest.md5 == hashlib.md5(content).hexdigest()
    assert digest.sha1 == hashlib.sha1(content).hexdigest()
    assert digest.md5_10m == hashlib.md5(content[:10002432]).hexdigest()


def prepared(*blocks: int, first: int = 1, block: int = 5) -> UploadPrepared:
    parts = tuple(UploadPart(f"u{n}", first + n, size) for n, size in enumerate(blocks))
    return UploadPrepared("id", parts, block)


@pytest.mark.parametrize("first", [0, 1], ids=["documented", "live"])
def test_the_place_in_the_list_tells_the_bytes_and_the_index_is_echoed(first: int) -> None:
    assert cut(12, prepared(5, 5, 5, first=first)) == (
        Piece(0, first, "u0", 0, 5),
        Piece(1, first + 1, "u1", 5, 5),
        Piece(2, first + 2, "u2", 10, 2),
    )


def test_a_part_without_a_size_has_the_usual_one() -> None:
    assert [piece.size for piece in cut(12, prepared(0, 0, 0))] == [5, 5, 2]


def test_parts_of_different_sizes_follow_one_another() -> None:
    assert [(piece.offset, piece.size) for piece in cut(9, prepared(2, 4, 3))] == [(0, 2), (2, 4), (6, 3)]


@pytest.mark.parametrize("blocks", [(), (5,), (5, 5), (5, 5, 5, 5)], ids=len)
def test_parts_that_do_not_fit_are_an_error_and_not_half_a_file(blocks: tuple[int, ...]) -> None:
    with pytest.raises(ApiError, match="do not fit 12 bytes"):
        cut(12, prepared(*blocks))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b'{"upload_config":{"concurrency":3,"retry_timeout":60,"retry_delay":2}}', (3, 60, 2)),
        (b'{"concurrency":3,"retry_timeout":60}', (3, 60, 1)),
        (b'{"concurrency":"2"}', (2, 300, 1)),
        (b'{"upload_config":null}', (1, 300, 1)),
        (b"{}", (1, 300, 1)),
    ],
    ids=["nested", "top level", "as text", "null", "nowhere"],
)
def test_the_configuration_is_found_wherever_it_stands(answer: bytes, expected: tuple[int, ...]) -> None:
    body = answer[:-1] + (b"," if len(answer) > 2 else b"") + b'"upload_id":"x"}'
    found = PayloadDecoder(UploadPrepared).decode(body)

    assert isinstance(found, UploadPrepared)
    config = found.config
    assert (config.concurrency, config.retry_timeout, config.retry_delay) == expected


@pytest.mark.parametrize(("told", "expected"), [(-1, 1), (0, 1), (1, 1), (3, 3), (100, 4)])
def test_parts_at_once_are_bounded(told: int, expected: int) -> None:
    assert at_once(UploadConfig(concurrency=told)) == expected


def test_finishing_is_tried_each_delay_until_the_time_is_over() -> None:
    patience = Patience(UploadConfig(retry_timeout=10, retry_delay=2), now=100.0)

    assert [patience.wait(now=now) for now in (100.0, 104.0, 108.0, 108.1)] == [2, 2, 2, None]


def test_sending_is_tried_again_with_growing_pauses() -> None:
    patience = Patience(UploadConfig(retry_timeout=1000, retry_delay=1), now=0.0)

    assert [patience.wait_to_send(now=0.0) for _ in range(6)] == [1, 2, 4, 8, 15, 15]
    assert patience.wait_to_send(now=590.0) is None  # ten minutes are the limit, whatever is told


def test_a_delay_of_nothing_is_no_endless_loop() -> None:
    assert Patience(UploadConfig(retry_delay=0), now=0.0).wait(now=0.0) == 0.02
    assert Patience(UploadConfig(retry_delay=-1, retry_timeout=0), now=0.0).wait(now=0.0) is None


def test_what_the_storage_says_is_tried_again_or_not() -> None:
    again = [status for status in (200, 400, 403, 404, 408, 411, 429, 500, 503) if worth_repeating(status)]

    assert again == [408, 429, 500, 503]


def test_errors_that_tell_what_to_do_are_known_by_either_code() -> None:
    def error(code: int | None = None, err_code: int | None = None, status: int = 400) -> ApiError:
        return ApiError("", status=status, code=code, err_code=err_code)

    assert can_continue(error(40093001))
    assert not can_continue(error(40093002))
    assert not can_continue(error(10000, status=500))
    assert can_continue(error(status=503))
    assert can_continue(error(status=0))
    assert not can_continue(error(status=403))
    assert is_stale(error(1, 304080))
    assert is_stale(error(40034004))
    assert not is_stale(error(22006))


def test_progress_does_not_go_back_when_a_part_begins_anew() -> None:
    progress = Progress(10)

    assert [progress.advance(0, sent) for sent in (2, 4, 1, 4, 5)] == [True, True, False, False, True]
    assert (progress.done, progress.total) == (5, 10)
    assert progress.advance(1, 5)
    assert progress.done == 10
