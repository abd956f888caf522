"""Examples of docstrings, which the manual prints, give what they say in a process that did nothing before."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys

import integrade

OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
PACKAGES = sorted(one.name for one in pkgutil.iter_modules(integrade.__path__) if one.name != "__main__")


def modules(package: str) -> list[str]:
    found = importlib.import_module(f"integrade.{package}")
    below = getattr(found, "__path__", ())
    return [found.__name__, *(one.name for one in pkgutil.walk_packages(below, f"{found.__name__}."))]


def test_examples_of_docstrings_run() -> None:
    code = (
        "import doctest, importlib, sys\n"
        "for name in sys.argv[2:]:\n"
        "    doctest.testmod(importlib.import_module(name), optionflags=int(sys.argv[1]))\n"
    )
    names = [name for package in PACKAGES for name in modules(package)]
    ran = subprocess.run(  # a failed example is printed, and nothing else
        [sys.executable, "-c", code, str(OPTIONS), *names], capture_output=True, text=True, check=True
    )
    assert ran.stdout == ""


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    names = [name for package in ("integration", "quality", "panel") for name in modules(package)]
    assert sum(len(one.examples) for name in names for one in finder.find(importlib.import_module(name))) > 100
