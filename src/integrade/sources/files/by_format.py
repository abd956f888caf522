"""Find the functions that read a format; `rawcells.bytes.formats` lists them by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import resolve_name
from typing import Any

from rawcells.bytes import formats


def modules() -> tuple[str, ...]:
    """Return the full names of the modules that the formats name."""
    return tuple(sorted({_module(name) for form in formats.FORMATS for name in (form.part, form.headings)}))


@cache
def function(name: str) -> Callable[..., Any]:
    """Import and return the function "module:function" of a format."""
    reader: Callable[..., Any] = getattr(import_module(_module(name)), name.partition(":")[2])
    return reader


def _module(name: str) -> str:
    """Return the full name of a module; ``.module`` is in this folder."""
    return resolve_name(name.partition(":")[0], __package__)
