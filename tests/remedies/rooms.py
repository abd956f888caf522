"""The cases of all rooms, and how many remedies of each room have none yet."""

from __future__ import annotations

from remedies import of_fit, of_ground, of_models, of_panel, of_quality, of_regress
from remedies.frame import Cases

UNTRIED: dict[str, int] = {
    "cli": 8,
    "errors.py": 1,
    "frames.py": 2,
    "geography": 8,
    "geography.py": 6,
    "integration": 84,
    "models": 8,
    "panel": 2,
    "plugins.py": 1,
    "quality": 2,
    "report": 2,
    "sources": 127,
    "study": 114,
}
"""Remedies without a case, by room: only ever less."""


def cases() -> Cases:
    """All cases."""
    return Cases(
        [*of_fit.CASES, *of_models.CASES, *of_regress.CASES, *of_ground.CASES, *of_panel.CASES, *of_quality.CASES]
    )
