"""The cases of all rooms, and how many remedies of each room have none yet."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from remedies.frame import Cases

NAMES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("of_*.py")))
"""Files of cases: read where they are needed, as they build workbooks and archives."""
UNTRIED: dict[str, int] = {}
"""Remedies without a case, by room: none."""


def cases(names: Sequence[str] = NAMES) -> Cases:
    """All cases, or those of some files."""
    return Cases([case for name in names for case in import_module(f"remedies.{name}").CASES])
