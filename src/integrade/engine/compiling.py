"""Compile loops with numba and keep the machine code on disk.

The module imports numba, so it is loaded only for large tables.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import config, njit, types

Function = TypeVar("Function", bound=Callable[..., Any])
REORDERED = frozenset({"reassoc", "contract", "nsz"})
"""Optimisations that let sums use vector registers. The order of each sum is fixed when the code is compiled."""


def threads() -> int:
    """Return how many processors compiled loops may use (``NUMBA_NUM_THREADS``)."""
    return int(config.NUMBA_NUM_THREADS)


def fixed(kind: str, dimensions: int = 1) -> Any:
    """Return the numba type of a C-ordered array that loops only read; read-only arrays are accepted too."""
    return types.Array(getattr(types, kind), dimensions, "C", readonly=True)


def whole(kind: str, dimensions: int = 1) -> Any:
    """Return the numba type of a C-ordered array to which loops write."""
    return types.Array(getattr(types, kind), dimensions, "C")


def _types(signature: Any) -> Any:
    """Convert a signature for numba: text is unchanged, names of types become types."""
    if isinstance(signature, str):
        return signature
    return tuple(getattr(types, part) if isinstance(part, str) else part for part in signature)


def _folder() -> str:
    """Return the folder for compiled code in the user's cache, never in the source; empty if it is not writable."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    folder = Path(home) / "integrade" / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ""
    return str(folder) if os.access(folder, os.W_OK) else ""


def compiled(*signature: Any, fastmath: frozenset[str] = frozenset()) -> Callable[[Function], Function]:
    """Compile a function to machine code that releases the GIL, and keep the code on disk for the next process.

    With a ``signature`` the function is compiled (or loaded) when its module is imported, otherwise at its first call.
    The folder in which numba caches other code is not changed.
    """

    def make(function: Function) -> Function:
        before = config.CACHE_DIR
        folder = before or _folder()
        config.CACHE_DIR = folder
        try:
            given = [_types(part) for part in signature]
            return njit(*given, cache=bool(folder), nogil=True, fastmath=set(fastmath))(function)
        finally:
            config.CACHE_DIR = before

    return make
