"""How loops are compiled, and where the machine code is kept. Imports numba, so only for large tables."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import config, njit, types

Function = TypeVar("Function", bound=Callable[..., Any])
REORDERED = frozenset({"reassoc", "contract", "nsz"})
"""Sums in vector registers: their order is fixed by the machine code, not by threads."""


def threads() -> int:
    """How many processors compiled loops may use (``NUMBA_NUM_THREADS``)."""
    return int(config.NUMBA_NUM_THREADS)


def fixed(kind: str, dimensions: int = 1) -> Any:
    """The type of an array, in C order, that is read and not written, be it writable or not."""
    return types.Array(getattr(types, kind), dimensions, "C", readonly=True)


def whole(kind: str, dimensions: int = 1) -> Any:
    """The type of an array in C order that is written."""
    return types.Array(getattr(types, kind), dimensions, "C")


def _types(signature: Any) -> Any:
    """A signature as numba takes it: text as it is, several types as types."""
    if isinstance(signature, str):
        return signature
    return tuple(getattr(types, one) if isinstance(one, str) else one for one in signature)


def _folder() -> str:
    """Where compiled code is kept: the user's cache, never beside the source; empty where nothing can be written."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    folder = Path(home) / "integrade" / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ""
    return str(folder) if os.access(folder, os.W_OK) else ""


def compiled(*signature: Any, fastmath: frozenset[str] = frozenset()) -> Callable[[Function], Function]:
    """The function as machine code that other threads run beside, kept on disk for the next process.

    With a ``signature`` it is compiled (or loaded) when its module is imported, else at its first call. numba's own
    folder for other code stays as it is.
    """

    def make(function: Function) -> Function:
        before = config.CACHE_DIR
        folder = before or _folder()
        config.CACHE_DIR = folder
        try:
            given = [_types(one) for one in signature]
            return njit(*given, cache=bool(folder), nogil=True, fastmath=set(fastmath))(function)
        finally:
            config.CACHE_DIR = before

    return make
