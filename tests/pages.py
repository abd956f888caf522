"""The modules of docs/ that write the manual, for the tests of its pages."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def module(name: str) -> ModuleType:
    """A module of docs/, which is no package: ``manual``, ``blocks``, ``reference``."""
    if str(DOCS) not in sys.path:
        sys.path.append(str(DOCS))
    return importlib.import_module(name)
