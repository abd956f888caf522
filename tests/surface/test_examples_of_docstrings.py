"""Examples of docstrings, which the manual prints, give what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import integrade

OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
PACKAGES = sorted(one.name for one in pkgutil.iter_modules(integrade.__path__) if one.name != "__main__")


def modules(package: str) -> list[str]:
    found = importlib.import_module(f"integrade.{package}")
    below = getattr(found, "__path__", ())
    return [found.__name__, *(one.name for one in pkgutil.walk_packages(below, f"{found.__name__}."))]


@pytest.mark.parametrize("package", PACKAGES)
def test_examples_of_docstrings_run(package: str) -> None:
    for name in modules(package):
        assert not doctest.testmod(importlib.import_module(name), optionflags=OPTIONS).failed, name


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    names = [name for package in ("integration", "quality", "panel") for name in modules(package)]
    assert sum(len(one.examples) for name in names for one in finder.find(importlib.import_module(name))) > 100
