"""What everything we send has in common: what is not said does not appear on the wire."""

from __future__ import annotations

import msgspec
from msgspec import UNSET


class Wire(msgspec.Struct, frozen=True):
    """An object of a request. Fields left `UNSET` are left out, and so are those set to None."""

    def __post_init__(self) -> None:
        # The platform has no use for null, and "None for nothing" is what people write.
        for name in self.__struct_fields__:
            if getattr(self, name) is None:
                msgspec.structs.force_setattr(self, name, UNSET)
