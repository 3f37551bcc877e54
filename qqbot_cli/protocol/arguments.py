"""Whether the arguments of a REST call are within what the platform takes, before anything is sent.

The limits stand in the rows and in the types of the bodies; this only applies them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from qqbot_cli.errors import InvalidRequestError
from qqbot_cli.model.endpoints import Endpoint, Query

_NO_IDS: Final = ("", ".", "..")
_TROUBLE: Final = re.compile(r"^(.*?)(?: - at `\$\.?(.*)`)?$", re.DOTALL)
"""What msgspec says, and where."""


def check(
    endpoint: Endpoint,
    path: Mapping[str, str],
    query: Mapping[str, Any],
    body: msgspec.Struct | None,
    data: bytes | None,
) -> None:
    """Refuse arguments that the platform would refuse.

    Args:
        endpoint: The row.
        path: Values of its path parameters.
        query: Values of its query parameters; None leaves one out.
        body: What is to be sent.
        data: The same, encoded.

    Raises:
        InvalidRequestError: Naming the parameter or field, and what is allowed.
    """
    for name, value in path.items():
        # These would lead to another call: /guilds/ instead of one guild, or one step up.
        if value in _NO_IDS:
            raise InvalidRequestError(name, f"{value!r} is no id", endpoint=endpoint.name)
    for parameter in endpoint.query:
        if (trouble := _query_trouble(parameter, query.get(parameter.name))) is not None:
            raise InvalidRequestError(parameter.name, trouble, endpoint=endpoint.name)
    if body is None:
        return
    for name in endpoint.requires:
        if not getattr(body, name):  # UNSET is false as well
            raise InvalidRequestError(name, "needed for this call", endpoint=endpoint.name)
    for name in endpoint.refuses:
        if getattr(body, name) is not msgspec.UNSET:
            raise InvalidRequestError(name, "not for this call", endpoint=endpoint.name)
    if endpoint.checker is not None and data is not None:
        try:
            endpoint.checker.decode(data)
        except msgspec.ValidationError as exc:
            said = _TROUBLE.match(str(exc))
            assert said is not None
            raise InvalidRequestError(said[2] or "body", said[1], endpoint=endpoint.name) from None


def _query_trouble(parameter: Query, value: str | int | bool | None) -> str | None:
    """Return what is wrong with *value*, or None."""
    if value is None:
        return "needed" if parameter.required else None
    if parameter.choices and value not in parameter.choices:
        return f"one of {', '.join(parameter.choices)}, not {value!r}"
    if isinstance(value, int):
        if parameter.least is not None and value < parameter.least:
            return f"at least {parameter.least}, not {value}"
        if parameter.most is not None and value > parameter.most:
            return f"at most {parameter.most}, not {value}"
    return None
