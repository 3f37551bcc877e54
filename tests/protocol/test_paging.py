"""Lists that come in pages: what is new, which page comes next, when it ends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from qqbot_cli.model.answer.member import GuildRoleMembers
from qqbot_cli.model.answer.reaction import ReactionUsers
from qqbot_cli.model.endpoints import ENDPOINTS, Paging
from qqbot_cli.model.payload.shared import Member, User
from qqbot_cli.protocol.paging import Walk


def walk(name: str, **more: int) -> Walk:
    paging = ENDPOINTS[name].paging
    assert paging is not None
    return Walk(paging, **more)


def members(*ids: str) -> list[Member]:
    return [Member(user=User(id=number)) for number in ids]


def test_the_first_page_is_asked_for_as_documented() -> None:
    assert walk("list_guild_members").cursor == "0"
    assert walk("get_reaction_users").cursor is None
    assert walk("list_bot_guilds").cursor is None


def test_pages_that_overlap_give_everybody_once() -> None:
    walking = walk("list_guild_members")

    assert walking.take(members("1", "2", "3")) == members("1", "2", "3")
    assert walking.cursor == "3"
    assert walking.take(members("3", "4")) == members("4")
    assert walking.cursor == "4"
    assert not walking.finished


def taken(walking: Walk, *pages: object) -> list[bool]:
    """After which of *pages* the walk was finished."""
    found = []
    for page in pages:
        walking.take(page)
        found.append(walking.finished)
    return found


def test_only_an_empty_page_ends_a_list_of_members() -> None:
    assert taken(walk("list_guild_members"), members("1"), []) == [False, True]


@pytest.mark.parametrize("next_", ["0", ""])
def test_next_says_when_a_list_was_sent_as_a_whole(next_: str) -> None:
    walking = walk("list_guild_role_members")

    assert walking.take(GuildRoleMembers(data=tuple(members("1")), next=next_)) == members("1")
    assert walking.finished


def test_a_flag_ends_a_list_whatever_the_cursor_says() -> None:
    first = ReactionUsers(users=(User("1"),), cookie="a", is_end=False)
    last = ReactionUsers(users=(User("2"),), cookie="b", is_end=True)

    assert taken(walk("get_reaction_users"), first, last) == [False, True]


def test_a_cursor_that_comes_back_is_not_followed_for_ever() -> None:
    walking = walk("get_reaction_users")
    for cookie in ("a", "b", "a"):
        walking.take(ReactionUsers(users=(User("1"),), cookie=cookie))

    assert walking.finished
    assert not walking.cut_short


def test_a_list_without_end_is_left() -> None:
    walking = walk("list_guild_members", most=2)

    assert taken(walking, members("1"), members("2")) == [False, True]
    assert walking.cut_short


def test_what_cannot_be_recognised_is_given_each_time() -> None:
    paging = Paging(send="cursor", items="items", next="next", key="id")
    walking = Walk(paging)
    page: Any = SimpleNamespace(items=[SimpleNamespace(id=""), SimpleNamespace(id="")], next="n")

    assert len(walking.take(page)) == 2
