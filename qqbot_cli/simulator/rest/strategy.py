"""Rules by which applicants are let into groups.

Source: platform documentation, "入群审批策略"; refusals have the codes of bad data and missing resources.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from qqbot_cli.simulator.refusals import BAD_DATA, UNKNOWN_RESOURCE
from qqbot_cli.simulator.rest.call import Call, Fields, Handler, Json, needed, page_of, refuse, seconds_of
from qqbot_cli.simulator.rest.site import Site

STRATEGIES: Final = 20
"""Rules of a bot."""
GROUPS: Final = 100
"""Groups of a rule."""
REMARK: Final = 255
"""Characters."""
NUMBERS: Final = 10_000
"""QQ numbers of one call."""
ALL_NUMBERS: Final = 100_000
"""QQ numbers of a rule."""
PAGE: Final = 100
USUAL_PAGE: Final = 20
YEAR: Final = 365 * 86_400.0
_SWITCH: Final = ("on", "off")
_KINDS: Final = ("group_openids", "group_ids")
"""How groups are named."""


@dataclass(slots=True)
class _Strategy:
    """One rule."""

    id: str
    kind: str
    groups: list[str]
    expire_at: str
    created_at: str
    updated_at: str
    is_enable: str = "on"
    remark: str = ""
    numbers: set[str] = field(default_factory=set)
    runs: int = 0

    def card(self) -> Json:
        return {
            "strategy_id": self.id,
            self.kind: list(self.groups),
            "whitelist_user_count": len(self.numbers),
            "is_enable": self.is_enable,
            "expire_at": self.expire_at,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "remark": self.remark,
        }


@dataclass(slots=True)
class _Rules:
    by_id: dict[str, _Strategy] = field(default_factory=dict)


def _list(site: Site, call: Call) -> Json:
    limit = call.number("limit", USUAL_PAGE, range(1, PAGE + 1), BAD_DATA)
    rules = list(site.room(_Rules).by_id.values())
    page, cursor = page_of(rules, call.query.get("cursor"), limit, BAD_DATA)
    return {"strategies": [rule.card() for rule in page], "next_cursor": cursor}


def _create(site: Site, call: Call) -> Json:
    rules, body = site.room(_Rules).by_id, call.fields(BAD_DATA)
    kind, groups = _groups(site, body)
    is_enable, expire_at, remark = _settings(site, body)
    if len(rules) >= STRATEGIES:
        refuse(BAD_DATA)
    now = site.stamp()
    rule = _Strategy(
        id=f"jas_{site.ids.number(12)}",
        kind=kind,
        groups=groups,
        expire_at=expire_at or site.stamp(site.wall + YEAR),
        created_at=now,
        updated_at=now,
        is_enable=is_enable or "on",
        remark=remark or "",
    )
    rules[rule.id] = rule
    return {"strategy_id": rule.id, "is_enable": rule.is_enable, "expire_at": rule.expire_at}


def _update(site: Site, call: Call) -> Json:
    rule, body = _rule(site, call), call.fields(BAD_DATA)
    is_enable, expire_at, remark = _settings(site, body)
    action = body.inner("group_action")
    if (is_enable, expire_at, remark, action) == (None, None, None, None):
        refuse(BAD_DATA)
    if action is not None:
        rule.groups = _changed_groups(site, rule, action)
    rule.is_enable = is_enable or rule.is_enable
    rule.expire_at = expire_at or rule.expire_at
    rule.remark = rule.remark if remark is None else remark
    rule.updated_at = site.stamp()
    return {"is_enable": rule.is_enable, "expire_at": rule.expire_at}


def _delete(site: Site, call: Call) -> None:
    del site.room(_Rules).by_id[_rule(site, call).id]


def _execute(site: Site, call: Call) -> None:
    # Nobody's QQ number is known here, so that a run lets nobody in.
    _rule(site, call).runs += 1


def _whitelist(site: Site, call: Call) -> Json:
    rule, body = _rule(site, call), call.fields(BAD_DATA)
    op, numbers = body.text("op"), body.texts("whitelist_users")
    if op not in ("add", "del") or not numbers or len(numbers) > NUMBERS:
        refuse(BAD_DATA)
    if not all(number.isdecimal() for number in numbers):
        refuse(BAD_DATA)
    left = rule.numbers | set(numbers) if op == "add" else rule.numbers - set(numbers)
    if len(left) > ALL_NUMBERS:
        refuse(BAD_DATA)
    rule.numbers, rule.updated_at = left, site.stamp()
    return {"strategy_id": rule.id, "whitelist_user_count": len(left), "updated_at": rule.updated_at}


def _groups(site: Site, body: Fields) -> tuple[str, list[str]]:
    """Return how groups are named, and their names; exactly one kind is taken."""
    given = [kind for kind in _KINDS if kind in body]
    if len(given) != 1:
        refuse(BAD_DATA)
    if given[0] == "group_openids":
        names = body.texts("group_openids")
    else:
        raw = body.raw("group_ids")
        names = [str(number) for number in raw] if isinstance(raw, list) else None
    if not names or len(names) > GROUPS:
        refuse(BAD_DATA)
    known = site.groups if given[0] == "group_openids" else None
    if not all(name in known if known is not None else name.isdecimal() for name in names):
        refuse(BAD_DATA)
    return given[0], names


def _changed_groups(site: Site, rule: _Strategy, action: Fields) -> list[str]:
    kind, names = _groups(site, action)
    op = action.text("op")
    if op not in ("add", "del") or kind != rule.kind:
        refuse(BAD_DATA)
    kept = [name for name in rule.groups if name not in names]
    changed = [*kept, *names] if op == "add" else kept
    return changed if len(changed) <= GROUPS else refuse(BAD_DATA)


def _settings(site: Site, body: Fields) -> tuple[str | None, str | None, str | None]:
    is_enable, expire_at, remark = body.text("is_enable"), body.text("expire_at"), body.text("remark")
    if is_enable not in (None, *_SWITCH) or len(remark or "") > REMARK:
        refuse(BAD_DATA)
    if expire_at is not None and (seconds_of(expire_at) or 0.0) <= site.wall:
        refuse(BAD_DATA)
    return is_enable, expire_at, remark


def _rule(site: Site, call: Call) -> _Strategy:
    return needed(site.room(_Rules).by_id.get(call.path["strategy_id"]), UNKNOWN_RESOURCE)


HANDLERS: Final[dict[str, Handler]] = {
    "list_join_strategies": _list,
    "create_join_strategy": _create,
    "update_join_strategy": _update,
    "delete_join_strategy": _delete,
    "execute_join_strategy": _execute,
    "update_join_strategy_whitelist": _whitelist,
}
