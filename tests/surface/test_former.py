"""Modules of version 0.2 are found by their former names, with a warning."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from integrade.surface.former import former_names
from integrade.surface.packages import full_name


def test_every_former_module_is_there_and_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each leads to the module of its present name."""
    wrong = []
    for former, present in former_names().items():
        monkeypatch.delitem(sys.modules, f"integrade.{former}", raising=False)
        with pytest.warns(DeprecationWarning, match=f"integrade.{former} is now {full_name(present)}"):
            found = import_module(f"integrade.{former}")
        names = [name for name in vars(import_module(full_name(present))) if not name.startswith("__")]
        if any(getattr(found, name) is not getattr(import_module(full_name(present)), name) for name in names):
            wrong.append(former)
    assert not wrong
    assert len(former_names()) > 250


def test_an_unknown_module_is_still_not_found() -> None:
    """Only former names are found."""
    for name in ("integrade.models.nothing", "integrade.nowhere"):
        with pytest.raises(ModuleNotFoundError):
            import_module(name)
