"""`../shared`, the library of real files beside the checkout: a test of a real file skips where it is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[2] / "shared"


def shared(name: str) -> Path:
    """A file or folder of the library by its path in it, as ``data/china_cpi``."""
    if not LIBRARY.is_dir():
        pytest.skip("the shared library is not beside this checkout")
    return LIBRARY / name
