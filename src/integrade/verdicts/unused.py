"""Columns that the steps of a study made, and no regression of it has."""

from __future__ import annotations

import re

from integrade.verdicts.bundle import StudyResults
from integrade.wording.texts import Said

NAME = re.compile(r"[^\W\d]\w*")
CLEANING = ("winsor.", "controls.")
"""Settings that say how columns are made and cleaned, not which regression has them."""


def unused_controls(results: StudyResults) -> dict[str, str]:
    """Controls that the account tells of and no setting but those of their cleaning names, with what they measure."""
    values = (value for key, value in results.settings.items() if not key.startswith(CLEANING))
    used = {name for value in values for name in NAME.findall(value)}
    told = dict.fromkeys(column for entry in results.account if (column := _column(entry.reason)) is not None)
    return {column: results.units[column] for column in told if column in results.units and column not in used}


def is_of_an_unused_control(warning: str, results: StudyResults) -> bool:
    """Whether a warning is about a control that no regression has."""
    return _column(warning) in unused_controls(results)


def _column(reason: str) -> str | None:
    """The column of which a text says that it is missing or was cut."""
    given = reason.given if isinstance(reason, Said) else {}
    found = given.get("control", given.get("column"))
    if isinstance(found, Said):
        return found.key.removeprefix("column_names.")
    return found if isinstance(found, str) else None
