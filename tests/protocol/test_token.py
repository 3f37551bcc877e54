"""Access tokens: what an answer means, and when to ask again."""

from __future__ import annotations

import math

import pytest

from qqbot_cli.errors import AuthenticationError, PlatformUnreachableError
from qqbot_cli.model.language import Language
from qqbot_cli.protocol.token import (
    FORCED_PAUSE,
    MIN_PAUSE,
    AccessToken,
    Token,
    TokenPolicy,
    read_answer,
)


def answer(value: str = "t-1", *, now: float = 0, lifetime: object = "7200") -> AccessToken:
    return read_answer({"access_token": value, "expires_in": lifetime}, now=now)


def policy_with(token: AccessToken, *, now: float = 0) -> TokenPolicy:
    policy = TokenPolicy()
    policy.asked(now=now)
    policy.accept(token)
    return policy


@pytest.mark.parametrize(
    ("lifetime", "expires", "refresh"),
    [
        ("7200", 7200, 7140),
        (7200, 7200, 7140),
        ("1222", 1222, 1162),
        (60, 60, 30),
        (30, 30, 15),
        ("0", 30, 15),
        (-1, 30, 15),
        (None, 30, 15),
        ("soon", 30, 15),
        ("nan", 30, 15),
        ("inf", 7200, 7140),
        (10**30, 7200, 7140),
        ([], 30, 15),
        (True, 1, 0.5),
    ],
)
def test_f48_any_lifetime_gives_a_sane_schedule(lifetime: object, expires: float, refresh: float) -> None:
    token = answer(lifetime=lifetime)

    assert (token.expires_at, token.refresh_at) == (expires, refresh)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"code": 100007, "message": "appid invalid"}, 200),
        ({"code": 100016, "message": "invalid appid or secret"}, 200),
        ({"code": "10004"}, 500),
        ({"message": "no"}, 403),
    ],
)
def test_f48_a_refusal_of_the_credentials_comes_with_any_status(body: dict[str, object], status: int) -> None:
    with pytest.raises(AuthenticationError, match="gave no token") as caught:
        read_answer(body, now=0, status=status)
    assert "https://q.qq.com" in caught.value.help


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"code": 100001, "message": "Too many requests"}, 200),
        ({"code": 100002, "message": "internal err"}, 200),
        ({"code": 7, "message": "down"}, 503),
        ({"access_token": ""}, 200),
        ({"access_token": None}, 200),
        ({}, 429),
    ],
)
def test_any_other_answer_without_a_token_may_pass(body: dict[str, object], status: int) -> None:
    with pytest.raises(PlatformUnreachableError):
        read_answer(body, now=0, status=status)


def test_f49_over_thirty_days_no_expired_token_is_used_and_each_is_renewed_in_its_last_minute() -> None:
    policy = TokenPolicy()
    now, asked = 0.0, 0
    while now < 30 * 86_400:
        if policy.due(now=now):
            if policy.current is not None:
                assert 0 < policy.current.expires_at - now <= 60
            policy.asked(now=now)
            policy.accept(answer(f"t-{asked}", now=now))
            asked += 1
        assert policy.usable(now=now) is not None
        now += 10

    assert asked == pytest.approx(30 * 86_400 / 7150, rel=0.01)


def test_f48_the_endpoint_is_asked_at_most_every_five_seconds() -> None:
    policy = policy_with(answer(lifetime=6), now=0)

    assert not policy.due(now=4)
    assert policy.earliest(now=4) == MIN_PAUSE
    assert policy.due(now=5)


def test_f50_a_refused_token_is_not_used_again_and_a_new_one_forced_at_most_every_30_seconds() -> None:
    policy = policy_with(answer("t-1"), now=0)

    policy.refuse("t-1", now=100)
    assert policy.usable(now=100) is None
    assert policy.earliest(now=100) == 100
    policy.asked(now=100)
    policy.accept(answer("t-1", now=100))
    policy.refuse("t-1", now=101)

    assert policy.earliest(now=101) == 100 + FORCED_PAUSE


def test_a_token_is_fresh_until_it_is_refused_or_in_its_last_minute() -> None:
    policy = policy_with(answer("t-1", lifetime=7200), now=0)

    assert policy.fresh(now=7139) is policy.current
    assert policy.fresh(now=7140) is None
    policy.refuse("t-1", now=100)
    assert policy.fresh(now=100) is None


def test_f57_a_token_ages_while_the_computer_sleeps() -> None:
    policy = policy_with(answer())

    policy.slept(7000)
    assert policy.fresh(now=100) is not None
    assert policy.fresh(now=150) is None
    assert policy.usable(now=200) is None
    assert policy.earliest(now=1) == 1


def test_f50_three_refused_tokens_in_ten_minutes_mean_that_the_secret_was_changed() -> None:
    policy = TokenPolicy()
    for number in range(2):
        policy.accept(answer(f"t-{number}"))
        policy.refuse(f"t-{number}", now=number * 60)
    policy.accept(answer("t-2"))

    with pytest.raises(AuthenticationError, match="was the secret changed"):
        policy.refuse("t-2", now=200)


def test_refusals_of_an_older_token_or_of_the_same_one_by_other_shards_count_once() -> None:
    policy = policy_with(answer("t-2"))
    for now in range(10):
        policy.refuse("t-1", now=now)
        policy.refuse("t-2", now=now)

    assert policy.usable(now=10) is None


@pytest.mark.parametrize("appid", ["", "abc", "12345", "1" * 21, "102 000", "１０２０００００１"])
def test_an_impossible_appid_is_refused_without_asking(appid: str) -> None:
    with pytest.raises(AuthenticationError, match="appid must be"):
        Token(appid, "secret").validate()


@pytest.mark.parametrize("secret", ["", "has space", "new\nline", "密码"])
def test_an_impossible_secret_is_refused_without_quoting_it(secret: str) -> None:
    with pytest.raises(AuthenticationError) as caught:
        Token("102000001", secret).validate()
    assert not secret or secret not in str(caught.value)


def test_f94_neither_token_shows_itself() -> None:
    assert "canary" not in repr(Token("102000001", "canary"))
    assert "canary" not in repr(AccessToken("canary", 0, math.inf))


def test_credentials_come_from_the_environment() -> None:
    token = Token.from_env({"QQBOT_APPID": "102000001", "QQBOT_SECRET": "s"})

    assert (token.appid, token.secret) == ("102000001", "s")
    with pytest.raises(AuthenticationError):
        Token.from_env({})


@pytest.mark.parametrize(
    ("language", "sentence"),
    [(Language.EN, "the appid or the secret is wrong"), (Language.ZH, "AppID 或 AppSecret 错误")],
    ids=["en", "zh"],
)
def test_a_refusal_says_what_its_code_means(language: Language, sentence: str) -> None:
    with pytest.raises(AuthenticationError) as caught:
        read_answer({"code": 100016, "message": "m"}, now=0, language=language)

    assert str(caught.value) == f"the platform gave no token (code 100016: m): {sentence}"
    assert caught.value.meaning == sentence


@pytest.mark.parametrize("code", [100999, "²", "-1", None, 1.5])
def test_a_code_that_no_table_has_is_quoted_and_not_explained(code: object) -> None:
    with pytest.raises(PlatformUnreachableError) as caught:
        read_answer({"code": code, "message": "m"}, now=0)

    assert caught.value.meaning == ""
    assert str(caught.value).endswith(")")
