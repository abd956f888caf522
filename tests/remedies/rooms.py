"""The cases of all rooms, and how many remedies of each room have none yet."""

from __future__ import annotations

from remedies import (
    of_cells,
    of_files,
    of_fit,
    of_ground,
    of_integration,
    of_layouts,
    of_models,
    of_money,
    of_panel,
    of_quality,
    of_regress,
    of_study,
    of_tables,
)
from remedies.frame import Cases

UNTRIED: dict[str, int] = {
    "cli": 6,
    "errors.py": 1,
    "frames.py": 2,
    "geography": 5,
    "models": 8,
    "panel": 4,
    "plugins.py": 1,
    "quality": 2,
    "report": 2,
    "study": 59,
}
"""Remedies without a case, by room: only ever less."""


def cases() -> Cases:
    """All cases."""
    return Cases(
        [
            *of_fit.CASES,
            *of_integration.CASES,
            *of_models.CASES,
            *of_regress.CASES,
            *of_ground.CASES,
            *of_money.CASES,
            *of_panel.CASES,
            *of_quality.CASES,
            *of_study.CASES,
            *of_cells.CASES,
            *of_files.CASES,
            *of_layouts.CASES,
            *of_tables.CASES,
        ]
    )
