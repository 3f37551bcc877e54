"""Identifiers that look like the platform's, made from a seed."""

from __future__ import annotations

import base64
import random
import string
import uuid
from typing import Final

_URL_SAFE: Final = string.ascii_letters + string.digits
_TOKEN: Final = string.ascii_letters + string.digits + "-_"
_SHARD_SHIFT: Final = 22
"""The bits of a guild id below this one have no part in choosing the shard."""


class Ids:
    """A source of fresh identifiers; equal seeds give equal identifiers in the same order."""

    def __init__(self, seed: object) -> None:
        self._random = random.Random(f"ids/{seed}")

    def openid(self) -> str:
        """Return the name of a user or a group: 32 hexadecimal digits in upper case."""
        return f"{self._random.getrandbits(128):032X}"

    def number(self, digits: int = 19) -> str:
        """Return a decimal id of *digits* digits, for guilds, channels and users."""
        return str(self._random.randrange(10 ** (digits - 1), 10**digits))

    def guild_id(self, shard_index: int, shard_count: int) -> str:
        """Return a guild id that belongs to one shard: ``(id >> 22) % shard_count == shard_index``."""
        high = self._random.randrange(10**8, 10**9) * shard_count + shard_index
        return str((high << _SHARD_SHIFT) | self._random.getrandbits(_SHARD_SHIFT))

    def group_message_id(self) -> str:
        """Return the id of a message in a group or a one-to-one chat."""
        return "ROBOT1.0_" + self._letters(_URL_SAFE, 64)

    def guild_message_id(self) -> str:
        """Return the id of a message in a channel or a guild DM: long lower-case hex."""
        return f"08{self._random.getrandbits(176):044x}"

    def event_id(self, name: str) -> str:
        """Return the ``id`` of a frame that carries the event *name*."""
        return f"{name}:{self._random.getrandbits(160):040x}"

    def reference(self) -> str:
        """Return the index under which a group or one-to-one message can be quoted."""
        return "REFIDX_" + base64.b64encode(self._random.randbytes(32)).decode()

    def file_info(self) -> str:
        """Return what names an uploaded file: opaque, base64."""
        return base64.b64encode(self._random.randbytes(72)).decode()

    def uuid(self) -> str:
        """Return a session id, interaction id or audit id."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def trace_id(self) -> str:
        """Return the support id of one REST answer."""
        return f"{self._random.getrandbits(128):032x}"

    def secret(self) -> str:
        """Return an app secret."""
        return self._letters(_URL_SAFE, 32)

    def access_token(self) -> str:
        """Return an access token."""
        return self._letters(_TOKEN, 96)

    def _letters(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))
