"""Find columns that the steps of a study made and that no regression uses."""

from __future__ import annotations

import re

from integrade.verdicts.bundle import StudyResults
from plainwords.texts import Said

NAME = re.compile(r"[^\W\d]\w*")
CLEANING = ("winsor.", "controls.")
"""Prefixes of the settings on how columns are made and cleaned.

A column that only these settings name is in no regression.
"""


def unused_controls(results: StudyResults) -> dict[str, str]:
    """Return the controls in the account that no regression uses, each with its unit.

    A control is used if a setting other than the settings on cleaning names it.
    """
    values = (value for key, value in results.settings.items() if not key.startswith(CLEANING))
    used = {name for value in values for name in NAME.findall(value)}
    mentioned = dict.fromkeys(column for entry in results.account if (column := _column(entry.reason)) is not None)
    return {column: results.units[column] for column in mentioned if column in results.units and column not in used}


def is_of_an_unused_control(warning: str, results: StudyResults) -> bool:
    """Return whether a warning is about a control that no regression uses."""
    return _column(warning) in unused_controls(results)


def _column(reason: str) -> str | None:
    """Return the column that a text reports as missing or cut; None if it reports none."""
    values = reason.given if isinstance(reason, Said) else {}
    column = values.get("control", values.get("column"))
    if isinstance(column, Said):
        return column.key.removeprefix("column_names.")
    return column if isinstance(column, str) else None
