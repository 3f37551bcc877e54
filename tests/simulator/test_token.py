from __future__ import annotations

import pytest

from qqbot_cli.simulator import Simulator
from tests.simulator.client import Api, Clock


async def test_expires_in_is_a_text_and_counts_down(api: Api, clock: Clock) -> None:
    clock.advance(100)

    answer = await api.ask_token()

    assert answer == {"access_token": api.token, "expires_in": "7100"}


async def test_asking_again_gives_the_same_token_until_its_last_minute(api: Api, clock: Clock) -> None:
    clock.advance(7200 - 61)
    same = await api.ask_token()
    clock.advance(1)
    fresh = await api.ask_token()

    assert same["access_token"] == api.token
    assert fresh["access_token"] != api.token


async def test_the_old_token_stays_valid_until_its_own_end(api: Api, clock: Clock) -> None:
    clock.advance(7200 - 30)
    fresh = await api.ask_token()
    await api.done("GET", "/gateway")
    clock.advance(30)

    assert await api.refused("GET", "/gateway") == 11244
    api.token = fresh["access_token"]
    await api.done("GET", "/gateway")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"appId": "999"}, 100007),
        ({"appId": 102000001}, 100002),
        ({"appId": None}, 100002),
        ({"clientSecret": "wrong"}, 100016),
        ({"clientSecret": None}, 100016),
    ],
    ids=["unknown appid", "numeric appid", "no appid", "wrong secret", "no secret"],
)
async def test_a_bad_request_is_refused_with_http_200_and_no_token(
    api: Api, changes: dict[str, object], code: int
) -> None:
    answer = await api.ask_token(**changes)

    assert answer["code"] == code
    assert "access_token" not in answer


async def test_a_form_is_refused_though_its_content_is_right(simulator: Simulator, api: Api) -> None:
    form = {"appId": simulator.appid, "clientSecret": simulator.secret}
    async with api.http.post(simulator.endpoints.token, data=form) as response:
        answer = await response.json()

    assert answer["code"] == 100007


async def test_a_client_that_asks_all_the_time_is_told_to_slow_down(api: Api, clock: Clock) -> None:
    codes = [(await api.ask_token()).get("code") for _ in range(60)]
    clock.advance(61)

    assert codes[-1] == 100001
    assert "access_token" in await api.ask_token()


async def test_revoked_tokens_are_refused_and_replaced(simulator: Simulator, api: Api) -> None:
    simulator.revoke_tokens()

    assert await api.refused("GET", "/gateway") == 11244
    assert (await api.ask_token())["access_token"] != api.token


@pytest.mark.parametrize("value", [7200, None, "soon", -5, "0"], ids=str)
async def test_expires_in_can_be_any_json_value(simulator: Simulator, api: Api, value: object) -> None:
    simulator.switches.token_expires_in = value

    assert (await api.ask_token())["expires_in"] == value
