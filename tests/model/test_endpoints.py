"""Rows of REST calls: complete, consistent, and able to read what the platform answers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from qqbot_cli.model.answer.guild_message import MessageSetting
from qqbot_cli.model.answer.message import MessageResponse
from qqbot_cli.model.answer.platform import UrlLink
from qqbot_cli.model.answer.upload import UploadConfig, UploadPrepared
from qqbot_cli.model.body.base import Body
from qqbot_cli.model.codes import CODES
from qqbot_cli.model.decode import PayloadError
from qqbot_cli.model.endpoints import ENDPOINTS, FAMILIES, Endpoint, Host, Repeat
from qqbot_cli.model.endpoints.parameters import meaning
from qqbot_cli.model.hosts import Endpoints
from qqbot_cli.model.outgoing import InteractionAck, Outgoing, StreamMessage
from qqbot_cli.model.payload.guild import Guild
from qqbot_cli.model.payload.guild_message import Message
from qqbot_cli.rest.api import BotApi
from tests.rest_index import INDEX
from tests.rest_samples import NOT_KEPT, NOT_TYPED, SAMPLES

Json = Any
ROWS = list(ENDPOINTS.values())
ANSWERING = [row for row in ROWS if row.result]
PAGED = [row for row in ROWS if row.paging]


def named(row: Endpoint) -> str:
    return row.name


def place(method: str, path: str) -> tuple[str, str]:
    """Method and path, whatever the parameters are called."""
    return method, re.sub(r"\{\w+\}", "{}", path)


def full_path(row: Endpoint) -> str:
    fixed = "&".join(f"{name}={value}" for name, value in row.fixed_query)
    return f"{row.path}?{fixed}" if fixed else row.path


def decoded(row: Endpoint, value: object) -> Json:
    assert row.decoder is not None
    return row.decoder.decode(json.dumps(value).encode())


def test_there_is_a_row_for_every_call_of_the_platform() -> None:
    assert Counter(place(row.method, full_path(row)) for row in ROWS) == Counter(
        place(method, path) for _, method, path, _ in INDEX
    )


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_the_usual_status_of_success_is_the_documented_one(row: Endpoint) -> None:
    documented = {status for _, *call, status in INDEX if place(*call) == place(row.method, full_path(row))}

    assert row.success[0] in documented


def test_names_are_unique_and_only_muting_has_two_calls_at_one_place() -> None:
    count = Counter(place(row.method, full_path(row)) for row in ROWS)

    assert len(ENDPOINTS) == sum(map(len, FAMILIES.values()))
    assert [call for call, times in count.items() if times > 1] == [("PATCH", "/guilds/{}/mute")]


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_a_row_is_consistent(row: Endpoint) -> None:
    in_path = re.findall(r"\{(\w+)\}", row.path)
    assert row.path.startswith("/")
    assert "?" not in row.path
    assert row.summary.endswith(".")
    assert row.source or row.legacy
    assert sorted(row.parameters) == sorted(in_path)
    assert all(meaning(row, name).endswith(".") for name in in_path)
    assert set(row.numbers) <= set(in_path)
    assert row.method in {"GET", "POST", "PUT", "DELETE", "PATCH"}
    assert row.method != "GET" or row.body is None
    assert set(row.codes) <= set(CODES)
    assert len(set(row.codes)) == len(row.codes)
    assert row.repeat is not None
    assert row.result is not None or not (row.many or row.wrapped or row.retcode)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_the_fields_a_row_names_are_fields_of_its_body(row: Endpoint) -> None:
    fields = set(row.body.__struct_fields__) if row.body else set()

    assert {*row.requires, *row.refuses} <= fields
    if row.body_optional:
        assert row.body is not None
        row.body()


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_a_query_parameter_has_a_meaning_and_a_sensible_range(row: Endpoint) -> None:
    for query in row.query:
        assert query.text.endswith(".")
        assert (query.least is None) == (query.most is None)
        assert not query.choices or query.kind is str
        if query.least is not None and query.most is not None:
            assert query.kind is int
            assert query.least < query.most


@pytest.mark.parametrize("row", PAGED, ids=named)
def test_what_a_paged_list_goes_on_by_exists(row: Endpoint) -> None:
    paging = row.paging
    assert paging is not None
    assert row.result is not None
    queries = {query.name for query in row.query}
    in_body = set(row.body.__struct_fields__) if row.body else set()
    fields = set(row.result.__struct_fields__)
    (item,) = (
        decoded(row, SAMPLES[row.name])
        if row.many
        else getattr(decoded(row, SAMPLES[row.name]), paging.items)
    )

    assert paging.send in queries | in_body
    assert not paging.size or paging.size in queries | in_body
    assert bool(paging.next) != bool(paging.last)
    assert {paging.items, paging.next, paging.end} <= fields | {""} or row.many
    for path in filter(None, (paging.last, paging.key)):
        assert value_at(item, path)


def value_at(item: object, path: str) -> object:
    for name in path.split("."):
        item = getattr(item, name)
    return item


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_every_call_with_an_access_token_has_a_method(row: Endpoint) -> None:
    assert hasattr(BotApi, row.name) == (row.host is Host.REST)


def test_access_tokens_are_asked_for_where_the_row_says() -> None:
    assert urlsplit(Endpoints().token).path == ENDPOINTS["get_app_access_token"].path


def test_sends_and_what_would_happen_twice_are_not_repeated() -> None:
    never = {row.name for row in ROWS if row.repeat is Repeat.NEVER}

    assert never == {
        *("create_channel", "create_role", "send_message", "send_direct_message", "send_setting_guide"),
        *("send_direct_setting_guide", "create_guild_announce", "create_channel_announce", "create_schedule"),
        *("post_audio", "put_thread", "post_permission_demand", "create_panel"),
        *("decide_group_join_request", "create_join_strategy", "execute_join_strategy"),
        "create_webhook_session",
    }


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_limits_are_checked_for_every_body_but_messages(row: Endpoint) -> None:
    if row.body is not None and not issubclass(row.body, (Outgoing, InteractionAck, StreamMessage)):
        assert issubclass(row.body, Body)
        assert row.checker is not None


def test_every_result_has_a_sample() -> None:
    assert set(SAMPLES) == {row.name for row in ANSWERING}


@pytest.mark.parametrize("row", ANSWERING, ids=named)
def test_a_sample_is_decoded_with_every_field_it_has(row: Endpoint) -> None:
    sample = SAMPLES[row.name]
    dropped = NOT_TYPED | (NOT_KEPT if row.result is MessageResponse else set())

    result = decoded(row, sample)

    # What was decoded and encoded again has at least what the sample has.
    assert missing(sample, msgspec.to_builtins(result), dropped) == []


def missing(sample: Json, got: Json, dropped: frozenset[str] | set[str], where: str = "$") -> list[str]:
    """Places of *sample* that *got* has not, or has otherwise; numbers may have been text."""
    if isinstance(sample, dict):
        keys = [key for key in sample if key not in dropped]
        lost = [f"{where}.{key}" for key in keys if sample[key] and key not in got]
        return lost + [
            place
            for key in keys
            if key in got
            for place in missing(sample[key], got[key], dropped, f"{where}.{key}")
        ]
    if isinstance(sample, list):
        if len(sample) != len(got):
            return [where]
        return [
            place
            for number, item in enumerate(sample)
            for place in missing(item, got[number], dropped, f"{where}[{number}]")
        ]
    return [] if str(sample) == str(got) else [where]


def changed(value: Json, change: Callable[[Json], Json]) -> Json:
    """*value* with every number and text in it changed."""
    if isinstance(value, dict):
        return {key: changed(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [changed(item, change) for item in value]
    return change(value)


def number_as_text(value: Json) -> Json:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def text_as_number(value: Json) -> Json:
    return int(value) if isinstance(value, str) and re.fullmatch(r"0|[1-9]\d*", value) else value


@pytest.mark.parametrize("change", [number_as_text, text_as_number])
@pytest.mark.parametrize("row", ANSWERING, ids=named)
def test_numbers_may_be_text_and_the_reverse(row: Endpoint, change: Callable[[Json], Json]) -> None:
    sample = SAMPLES[row.name]

    assert decoded(row, changed(sample, change)) == decoded(row, sample)


def optional_keys_gone(value: Json, type_: type[msgspec.Struct]) -> Iterator[dict[str, Json]]:
    fields = {field.encode_name: field.required for field in msgspec.structs.fields(type_)}
    for key in value:
        if not fields.get(key):
            yield {name: item for name, item in value.items() if name != key}
            yield {**value, key: None}


@pytest.mark.parametrize("row", ANSWERING, ids=named)
def test_what_is_optional_may_be_missing_or_null(row: Endpoint) -> None:
    assert row.result is not None
    sample = SAMPLES[row.name][0] if row.many else SAMPLES[row.name]

    for variant in optional_keys_gone(sample, row.result):
        decoded(row, [variant] if row.many else variant)


@pytest.mark.parametrize("row", [row for row in ANSWERING if row.many], ids=named)
def test_an_empty_list_may_be_null_or_an_empty_object(row: Endpoint) -> None:
    assert decoded(row, []) == decoded(row, None) == decoded(row, {}) == []


@pytest.mark.parametrize("row", [row for row in ANSWERING if row.wrapped], ids=named)
def test_a_result_may_be_wrapped(row: Endpoint) -> None:
    sample = SAMPLES[row.name]

    assert decoded(row, {row.wrapped: sample}) == decoded(row, sample)


@pytest.mark.parametrize("row", [row for row in ANSWERING if row.wrapped and not row.many], ids=named)
def test_a_wrapped_result_is_forgiven_as_much_as_one_that_is_not(row: Endpoint) -> None:
    sample = SAMPLES[row.name]
    misfit = {key: int(value) if str(value).isdigit() else value for key, value in sample.items()}

    assert decoded(row, {row.wrapped: misfit}) == decoded(row, sample)
    with pytest.raises(PayloadError):
        decoded(row, {row.wrapped: {}})


@pytest.mark.parametrize("answer", [{"code": 1}, "no", 5])
def test_what_is_no_list_is_not_an_empty_list(answer: object) -> None:
    with pytest.raises(PayloadError, match="Expected `array`"):
        decoded(ENDPOINTS["list_bot_guilds"], answer)


def test_an_item_without_its_id_is_no_reason_to_return_half_a_list() -> None:
    with pytest.raises(PayloadError, match="id"):
        decoded(ENDPOINTS["list_bot_guilds"], [{"id": "1"}, {"name": "x"}])


def test_documented_types_that_differ_from_the_wire_are_read_too() -> None:
    setting = decoded(
        ENDPOINTS["get_message_setting"], {"disable_create_dm": "true", "disable_push_msg": "0"}
    )
    guilds = decoded(ENDPOINTS["list_bot_guilds"], {"guilds": [{"id": "1"}]})
    link = decoded(ENDPOINTS["generate_url_link"], {"url_link": "https://a"})
    message = decoded(ENDPOINTS["get_message"], {"message": SAMPLES["get_message"]})

    assert setting == MessageSetting(disable_create_dm=True)
    assert guilds == [Guild(id="1")]
    assert isinstance(link, UrlLink)
    assert link.url == "https://a"
    assert isinstance(message, Message)


def test_how_to_upload_is_found_where_old_versions_put_it() -> None:
    old = decoded(
        ENDPOINTS["prepare_group_upload"], {"upload_id": "x", "concurrency": 3, "retry_timeout": "60"}
    )

    assert isinstance(old, UploadPrepared)
    assert old.config == UploadConfig(concurrency=3, retry_timeout=60)
    assert decoded(ENDPOINTS["prepare_group_upload"], {"upload_id": "x"}).config == UploadConfig()


def test_moments_of_answers_know_their_time_zone() -> None:
    schedule = decoded(ENDPOINTS["get_schedule"], SAMPLES["get_schedule"])
    strategy = decoded(ENDPOINTS["list_join_strategies"], SAMPLES["list_join_strategies"]).strategies[0]
    task = decoded(ENDPOINTS["put_thread"], SAMPLES["put_thread"])
    sent = decoded(ENDPOINTS["send_c2c_message"], {"id": "a", "timestamp": 1785910749})

    assert schedule.starts_at.isoformat() == "2022-01-13T12:20:53+00:00"
    assert strategy.expires_at.isoformat() == "2027-08-05T14:19:09+08:00"
    assert task.created_at.isoformat() == "2022-02-22T04:13:00+00:00"
    assert sent.sent_at.isoformat() == "2026-08-05T06:19:09+00:00"
