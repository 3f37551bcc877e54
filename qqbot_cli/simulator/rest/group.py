"""Groups and their members: reading, removing, blacklist, requests to join, mutes.

Source: platform documentation, "群管理"; refusals without a published code have that of bad data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from qqbot_cli.simulator.refusals import BAD_DATA, UNKNOWN_RESOURCE
from qqbot_cli.simulator.rest.call import Call, Fields, Handler, Json, filled, page_of, refuse, seconds_of
from qqbot_cli.simulator.rest.groups import MEMBER, GroupMember, GroupSite, applicant
from qqbot_cli.simulator.rest.site import Site

PAGE: Final = 30
"""Members in a page."""
INDEXED_PAGE: Final = 500
BLACKLIST_PAGE: Final = 100
REQUESTS_PAGE: Final = 50
USUAL_PAGE: Final = 20
PEOPLE: Final = 20
"""People of one call."""
MUTES: Final = 10
"""Mutes of one call."""
LONGEST_MUTE: Final = 30 * 86_400.0
"""Seconds."""


def _get_group_info(site: Site, call: Call) -> Json:
    group = _group(site, call)
    return {
        "group_openid": group.openid,
        "group_name": f"模拟群{list(site.groups).index(group.openid) + 1}",
        "group_finger_memo": "模拟器里的群",
        "group_class_text": "交友",
        "group_tags": ["模拟"],
        "group_member_num": len(group.members),
    }


def _get_group_bot_state(site: Site, call: Call) -> Json:
    group = _group(site, call)
    bot = group.members.get(group.bot_openid)
    return {
        "member_openid": group.bot_openid,
        "joined_at": bot.joined_at if bot is not None else "",
        "allow_proactive_msg": site.switches.push_messages,
        "recv_msg_setting": "all" if group.hears_all else "only_mention",
        "member_role": "admin" if site.switches.bot_is_group_admin else MEMBER,
    }


def _list_group_members(site: Site, call: Call) -> Json:
    members = list(_group(site, call).members.values())
    page, cursor = page_of(members, call.query.get("cursor"), PAGE, BAD_DATA)
    return {"members": [_shown(site, member) for member in page], "next_cursor": cursor}


def _list_group_members_by_index(site: Site, call: Call) -> Json:
    group, body = _group(site, call), call.fields(BAD_DATA)
    limit, start = body.number("limit"), body.number("start_index") or 0
    if (limit is not None and not 1 <= limit <= INDEXED_PAGE) or start < 0:
        refuse(BAD_DATA)
    page, cursor = page_of(list(group.members.values()), str(start), limit or INDEXED_PAGE)
    members = [
        {
            "member_openid": member.member_openid,
            "join_timestamp": int(datetime.fromisoformat(member.joined_at).timestamp()),
        }
        for member in page
    ]
    return {"members": members, "next_index": int(cursor or 0)}


def _get_group_member(site: Site, call: Call) -> Json:
    group = _group(site, call)
    return _shown(site, group.members.get(call.path["member_openid"]) or refuse(UNKNOWN_RESOURCE))


def _remove_group_members(site: Site, call: Call) -> Json:
    group, body = _group(site, call), call.fields(BAD_DATA)
    openids, banned = _people(body), body.flag("add_to_member_blacklist")
    if any(openid not in group.members or _is_above(group, openid) for openid in openids):
        refuse(BAD_DATA)
    for openid in openids:
        group.remove(openid)
        if banned:
            group.banned[openid] = site.stamp()
        _tell_of(site, "GROUP_MEMBER_REMOVE", group, openid)
    return {"remove_members_result": "success", "add_to_member_blacklist_fail_openids": []}


def _get_group_blacklist(site: Site, call: Call) -> Json:
    group = _group(site, call)
    limit = call.number("limit", USUAL_PAGE, range(1, BLACKLIST_PAGE + 1), BAD_DATA)
    page, cursor = page_of(list(group.banned.items()), call.query.get("cursor"), limit, BAD_DATA)
    users = []
    for openid, since in page:
        member = group.gone.get(openid) or GroupMember(openid, "")
        users.append(
            {
                "union_openid": member.union_openid,
                "member_openid": openid,
                "username": member.username,
                "banned_at": since,
                "bot": member.bot,
            }
        )
    return {"users": users, "next_cursor": cursor}


def _update_group_blacklist(site: Site, call: Call) -> Json:
    group, body = _group(site, call), call.fields(BAD_DATA)
    op, openids = body.text("op"), _people(body)
    if op not in ("add", "del"):
        refuse(BAD_DATA)
    if op == "del":
        failed = [openid for openid in openids if group.banned.pop(openid, None) is None]
        return {"fail_openids": failed}
    failed = [openid for openid in openids if _is_above(group, openid)]
    for openid in openids:
        if openid not in failed:
            group.gone.setdefault(openid, group.members.get(openid) or GroupMember(openid, ""))
            group.banned.setdefault(openid, site.stamp())
    return {"fail_openids": failed}


def _list_group_join_requests(site: Site, call: Call) -> Json:
    group = _group(site, call)
    limit = call.number("limit", USUAL_PAGE, range(1, REQUESTS_PAGE + 1), BAD_DATA)
    page, cursor = page_of(list(group.requests.values()), call.query.get("cursor"), limit, BAD_DATA)
    return {"list": page, "next_cursor": cursor}


def _decide_group_join_request(site: Site, call: Call) -> None:
    group, body = _group(site, call), call.fields(BAD_DATA)
    openid, op = call.path["member_openid"], body.text("op")
    reason, banned = body.text("reject_reason"), body.flag("add_to_member_blacklist")
    if op not in ("approve", "decline") or (op == "approve" and (reason, banned) != (None, None)):
        refuse(BAD_DATA)
    wanted = body.text("join_request_id")
    fitting = (
        (number, request)
        for number, request in group.requests.items()
        if request.get("member_openid") == openid and wanted in (None, number)
    )
    number, request = next(fitting, None) or refuse(UNKNOWN_RESOURCE)
    del group.requests[number]
    if op == "approve":
        group.admit(applicant(request, site.stamp()))
        _tell_of(site, "GROUP_MEMBER_ADD", group, openid)
    elif banned:
        group.gone[openid] = applicant(request, site.stamp())
        group.banned[openid] = site.stamp()


def _get_group_mute(site: Site, call: Call) -> Json:
    group = _group(site, call)
    group.muted = {openid: end for openid, end in group.muted.items() if (seconds_of(end) or 0.0) > site.wall}
    members = [
        {
            "member_openid": openid,
            "mute_expire_at": end,
            "username": group.members[openid].username,
            "union_openid": group.members[openid].union_openid,
        }
        for openid, end in group.muted.items()
        if openid in group.members
    ]
    rule = {"mode": "none", "schedule_rules": [], "recurring_rules": []}
    return {"global_rule": rule, "members": members}


def _mute_group_members(site: Site, call: Call) -> None:
    group = _group(site, call)
    entries = call.fields(BAD_DATA).inners("members") or refuse(BAD_DATA)
    if len(entries) > MUTES:
        refuse(BAD_DATA)
    # All are judged before the first takes effect.
    ends = [(filled(entry.text("member_openid"), BAD_DATA), _mute_end(site, entry)) for entry in entries]
    if any(openid not in group.members or _is_above(group, openid) for openid, _ in ends):
        refuse(BAD_DATA)
    for openid, end in ends:
        group.muted.pop(openid, None)
        if end is not None:
            group.muted[openid] = end


def _mute_end(site: Site, entry: Fields) -> str | None:
    """Return until when somebody is muted, in RFC 3339; None if the mute ends."""
    op, end = entry.text("op"), entry.text("mute_expire_at")
    if op == "del":
        return None
    ahead = (seconds_of(end or "") or 0.0) - site.wall
    if op not in ("add", "update") or not 0 < ahead <= LONGEST_MUTE:
        refuse(BAD_DATA)
    return end


def _group(site: Site, call: Call) -> GroupSite:
    return site.group(call.path["group_openid"])


def _people(body: Fields) -> Sequence[str]:
    openids = body.texts("member_openids")
    return openids if openids and len(openids) <= PEOPLE else refuse(BAD_DATA)


def _is_above(group: GroupSite, openid: str) -> bool:
    """Whether somebody is no ordinary member; the bot cannot be removed by itself either."""
    member = group.members.get(openid)
    return openid == group.bot_openid or (member is not None and member.member_role != MEMBER)


def _shown(site: Site, member: GroupMember) -> Json:
    card = member.card()
    if member.member_openid == site.world.bot.openid and site.switches.bot_is_group_admin:
        card["member_role"] = "admin"
    return card


def _tell_of(site: Site, name: str, group: GroupSite, openid: str) -> None:
    payload = {
        "group_openid": group.openid,
        "member_openid": openid,
        "user_openid": "",
        "timestamp": int(site.wall),
    }
    site.tell(name, payload)


def note(site: Site, name: str, d: Mapping[str, object]) -> None:
    """People join, leave, and ask to join."""
    group, openid = site.groups.get(str(d.get("group_openid"))), str(d.get("member_openid"))
    if group is None:
        return
    match name:
        case "GROUP_MEMBER_ADD" if openid not in group.banned:
            person = next((one for one in site.world.people if one.openid == openid), None)
            back = group.gone.pop(openid, None)
            if back is None and person is not None:
                back = GroupMember(openid, person.username, person.union_openid, person.role)
            group.admit(back or GroupMember(openid, "", joined_at=site.stamp()))
        case "GROUP_MEMBER_REMOVE":
            group.remove(openid)
        case "GROUP_JOIN_REQUEST" if openid not in group.banned:
            request = {key: value for key, value in d.items() if key != "group_openid"}
            group.requests[str(d.get("join_request_id"))] = request


HANDLERS: Final[dict[str, Handler]] = {
    "get_group_info": _get_group_info,
    "get_group_bot_state": _get_group_bot_state,
    "list_group_members": _list_group_members,
    "list_group_members_by_index": _list_group_members_by_index,
    "get_group_member": _get_group_member,
    "remove_group_members": _remove_group_members,
    "get_group_blacklist": _get_group_blacklist,
    "update_group_blacklist": _update_group_blacklist,
    "list_group_join_requests": _list_group_join_requests,
    "decide_group_join_request": _decide_group_join_request,
    "get_group_mute": _get_group_mute,
    "mute_group_members": _mute_group_members,
}
NOTED: Final = dict.fromkeys(("GROUP_MEMBER_ADD", "GROUP_MEMBER_REMOVE", "GROUP_JOIN_REQUEST"), note)
