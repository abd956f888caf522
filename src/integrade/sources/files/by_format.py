"""Find the functions that read a format; `rawcells.bytes.formats` lists them by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from rawcells.bytes.formats import FORMATS


def modules() -> tuple[str, ...]:
    """Return the full names of the modules that the formats name."""
    return tuple(sorted({_module(name) for form in FORMATS for name in (form.part, form.headings)}))


@cache
def function(name: str) -> Callable[..., Any]:
    """Import and return the function "module:function" of a format."""
    reader: Callable[..., Any] = getattr(import_module(_module(name)), name.partition(":")[2])
    return reader


def _module(name: str) -> str:
    """Return the full name of the module; a module without a package is in this folder."""
    module = name.partition(":")[0]
    return module if "." in module else f"{__package__}.{module}"
