"""What an appid can look like, wherever it is written."""

from __future__ import annotations

import re
from typing import Final

APPID_FORM: Final = "6 to 20 digits"

_APPID: Final = re.compile(r"[0-9]{6,20}")


def is_appid(text: str) -> bool:
    """Return whether the platform may have given *text* to a bot as its number."""
    return _APPID.fullmatch(text) is not None
