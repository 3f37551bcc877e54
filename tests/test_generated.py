"""Generated files are what the generator would write now."""

from __future__ import annotations

import pytest

from tools.generate import GENERATED, ROOT


@pytest.mark.parametrize("path", GENERATED)
def test_a_generated_file_is_up_to_date(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == GENERATED[path](), "run: python tools/generate.py"
