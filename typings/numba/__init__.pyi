"""The part of numba that integrade calls."""

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

class _Config:
    CACHE_DIR: str
    NUMBA_NUM_THREADS: int

config: _Config

types: Any

def njit(*signature: Any, cache: bool, nogil: bool, fastmath: set[str]) -> Callable[[F], F]: ...
