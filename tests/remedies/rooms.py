"""The cases of all rooms, and how many remedies of each room have none yet."""

from __future__ import annotations

from remedies import of_fit, of_ground, of_models, of_regress
from remedies.frame import Cases

UNTRIED: dict[str, int] = {
    "cli": 1,
    "errors.py": 1,
    "frames.py": 2,
    "integration": 72,
    "models": 8,
    "panel": 59,
    "plugins.py": 1,
    "quality": 62,
    "report": 2,
    "sources": 107,
    "study": 97,
}
"""Remedies without a case, by room: only ever less."""


def cases() -> Cases:
    """All cases."""
    return Cases([*of_fit.CASES, *of_models.CASES, *of_regress.CASES, *of_ground.CASES])
