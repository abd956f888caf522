"""How loops are compiled, and where the machine code is kept. Imports numba, so only for large tables."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import config, njit

Function = TypeVar("Function", bound=Callable[..., Any])
REORDERED = frozenset({"reassoc", "contract", "nsz"})
"""Sums in vector registers: their order is fixed by the machine code, not by threads."""


def threads() -> int:
    """How many processors compiled loops may use (``NUMBA_NUM_THREADS``)."""
    return int(config.NUMBA_NUM_THREADS)


def _folder() -> str:
    """Where compiled code is kept: the user's cache, never beside the source; empty where nothing can be written."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    folder = Path(home) / "integrade" / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ""
    return str(folder) if os.access(folder, os.W_OK) else ""


def compiled(*signature: str, fastmath: frozenset[str] = frozenset()) -> Callable[[Function], Function]:
    """The function as machine code that other threads run beside, kept on disk for the next process.

    With a ``signature`` it is compiled (or loaded) when its module is imported, else at its first call. numba's own
    folder for other code stays as it is.
    """

    def make(function: Function) -> Function:
        before = config.CACHE_DIR
        folder = before or _folder()
        config.CACHE_DIR = folder
        try:
            return njit(*signature, cache=bool(folder), nogil=True, fastmath=set(fastmath))(function)
        finally:
            config.CACHE_DIR = before

    return make
