"""How a section ``[[groups]]`` splits rows, and what the split is called."""

from __future__ import annotations

from typing import Any

import polars as pl

from integrade.frames import Table
from integrade.models.groups.splits import group_column
from integrade.study import config

TITLES = {
    "ownership": "ownership",
    "intensity": "factor intensity of the industry",
    "period": "period",
    "area": "area of the country",
}


def title_of(section: config.Groups) -> str:
    """What a split is called: its title, else the usual words, else its column."""
    return section.title or TITLES.get(section.how, section.by)


def grouped(sample: pl.DataFrame, section: config.Groups) -> tuple[Table, str]:
    """The rows with the column of groups, and its name."""
    table = Table("panel", sample)
    if section.how == "column":
        return table, section.by
    source = {"ownership": "ownership", "intensity": "industry", "period": "year", "area": "region"}[section.how]
    changes: dict[str, Any] = {"name": f"{section.how}_group", source: section.by}
    changes |= {"capital": section.capital, "labour": section.labour, "first_of_later": section.first_of_later}
    if section.state is not None:
        changes["state"] = tuple(section.state)
    found: Table = group_column(table, section.how, **changes)
    return found, f"{section.how}_group"
