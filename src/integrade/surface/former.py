"""Import modules by the names that they had in version 0.2, with a warning; to be removed in the next version.

``former_modules.txt`` has the former and the present name of every module that moved, without ``integrade``.
"""

from __future__ import annotations

import sys
import warnings
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from integrade.surface.packages import full_name

if TYPE_CHECKING:
    from importlib.abc import Loader


@cache
def former_names() -> dict[str, str]:
    """Map former names of modules to present ones."""
    from importlib.resources import files

    text = (files(__package__) / "former_modules.txt").read_text(encoding="utf-8")
    return {line.split()[0]: line.split()[1] for line in text.splitlines()}


class Former:
    """Finds modules by former names, after every other finder has failed."""

    @staticmethod
    def find_spec(name: str, *_: object) -> ModuleSpec | None:
        """Return a spec for a module that moved, and for a package that only held such modules."""
        inner = name.removeprefix("integrade.")
        if inner == name:
            return None
        holds = any(old.startswith(f"{inner}.") for old in former_names())
        if inner not in former_names() and not holds:
            return None
        return ModuleSpec(name, cast("Loader", Moved()), is_package=holds)


class Moved:
    """Loads a former module, which takes every name from the present module."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Let Python make an empty module."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Warn, and let the module take its names from the present module.

        A package that only held former modules stays empty.
        """
        former = module.__name__.removeprefix("integrade.")
        if former not in former_names():
            return
        present = full_name(former_names()[former])
        warnings.warn(f"integrade.{former} is now {present}", DeprecationWarning, stacklevel=2)
        target = import_module(present)

        def attribute(name: str) -> Any:
            return getattr(target, name)

        module.__dict__["__getattr__"] = attribute


def find_former_modules() -> None:
    """Let imports by former names work in this process."""
    sys.meta_path.append(Former)
