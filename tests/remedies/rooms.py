"""The cases of all rooms, and how many remedies of each room have none yet."""

from __future__ import annotations

from remedies import (
    of_cells,
    of_documents,
    of_environment,
    of_files,
    of_fit,
    of_ground,
    of_integration,
    of_layouts,
    of_models,
    of_money,
    of_panel,
    of_parts,
    of_quality,
    of_regress,
    of_runs,
    of_stage,
    of_study,
    of_system,
    of_tables,
)
from remedies.frame import Cases

UNTRIED: dict[str, int] = {}
"""Remedies without a case, by room: none."""


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
            *of_parts.CASES,
            *of_runs.CASES,
            *of_environment.CASES,
            *of_cells.CASES,
            *of_files.CASES,
            *of_layouts.CASES,
            *of_tables.CASES,
            *of_system.CASES,
            *of_stage.CASES,
            *of_documents.CASES,
        ]
    )
