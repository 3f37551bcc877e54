"""A message as a form: how a picture itself travels, in channels and direct messages.

Source: platform documentation, "发送消息" (``file_image``). Its sample wraps objects once more under their
own name; whether the platform takes them bare is not known.
"""

from __future__ import annotations

import io
from typing import Final

import aiohttp
import msgspec
from msgspec import UNSET

from qqbot_cli.model.outgoing import Outgoing
from qqbot_cli.protocol.upload import HEAD, file_name_of

_PICTURE: Final = "file_image"
_encode: Final = msgspec.json.Encoder().encode


def form_of(message: Outgoing) -> aiohttp.FormData:
    """Return *message* as a form; it can be sent once."""
    form = aiohttp.FormData(quote_fields=False)
    for name in message.__struct_fields__:
        value = getattr(message, name)
        if value is UNSET:
            continue
        if name == _PICTURE:
            # Wrapped, because aiohttp warns of bytes that are long.
            form.add_field(name, io.BytesIO(value), filename=file_name_of("", value[:HEAD]))
        elif isinstance(value, str | int):
            form.add_field(name, str(value).lower() if isinstance(value, bool) else str(value))
        else:
            wrapped = _encode({name: value}).decode()
            form.add_field(name, wrapped, content_type="application/json")
    return form
