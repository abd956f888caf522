"""The cases of all rooms, and how many remedies of each room have none yet."""

from __future__ import annotations

from remedies import of_fit, of_models, of_regress
from remedies.frame import Cases

UNTRIED: dict[str, int] = {
    "catalogue.py": 14,
    "cells.py": 1,
    "cli": 18,
    "errors.py": 1,
    "frames.py": 4,
    "inquiry.py": 4,
    "integration": 72,
    "judge": 5,
    "models": 8,
    "panel": 59,
    "plot.py": 2,
    "plugins.py": 6,
    "published": 5,
    "quality": 62,
    "report": 13,
    "schema.py": 7,
    "simulation": 9,
    "sources": 101,
    "study": 87,
}
"""Remedies without a case, by room: only ever less."""


def cases() -> Cases:
    """All cases."""
    return Cases([*of_fit.CASES, *of_models.CASES, *of_regress.CASES])
