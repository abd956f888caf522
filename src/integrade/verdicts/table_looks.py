"""Define the options of a printed table: its rows, their order and names, and the form of its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Statistic = Literal["se", "t", "p", "interval"]


@dataclass(frozen=True)
class TableLook:
    """The rows of one printed table, their order and names, and the form of its numbers.

    Names of rows are those of addresses: ``market`` of ``table4.2.market``. An option that is not given
    changes nothing.

    Parameters
    ----------
    statistic
        The number below a coefficient: se (its standard error), t, p, or interval (its 95% confidence interval). If not
        given, tables have se; those of the preset published have t.
    rows
        The coefficients to print, by name and in this order, such as market^2 or constant. In a table without
        coefficients, its rows.
    labels
        Name of a row -> what the table calls it.
    gof
        The rows below the coefficients to print, by name and in this order, such as N, R2_within or firm_fe.
    add_rows
        Label of a row of your own -> its cells, one for each column. It is printed below the fixed effects.
    spanners
        Heading -> the numbers of the adjacent columns over which it is printed.
    digits
        Decimals of coefficients, standard errors and intervals, or of the cells of a table of other numbers.
    scale
        Name of a row, or of the quantity of the table (segmentation) -> the factor by which its numbers are multiplied.
        The label or the title says the factor.
    """

    statistic: Statistic | None = None
    rows: tuple[str, ...] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    gof: tuple[str, ...] | None = None
    add_rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spanners: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    digits: int | None = None
    scale: Mapping[str, float] = field(default_factory=dict)


def look_of(looks: Mapping[str, TableLook], number: str) -> TableLook:
    """Return the options of table ``number``: its own, and those of all tables (key \"\") where it has none."""
    every, own = looks.get("", TableLook()), looks.get(number, TableLook())
    return TableLook(
        own.statistic or every.statistic,
        own.rows,
        own.labels,
        own.gof,
        own.add_rows,
        own.spanners,
        every.digits if own.digits is None else own.digits,
        {**every.scale, **own.scale},
    )
