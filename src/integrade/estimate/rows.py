"""Compute columns of a panel as a regression needs them (terms, weights), and refuse columns that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from integrade.errors import IntegradeError, NotANumber, OutOfRange, Problems, counted
from integrade.estimate.formula import Formula, Term
from integrade.regress.effects import Vector


def term_values(table: pl.DataFrame, term: Term) -> Vector:
    """Return the values of a term. A value is missing if a part is missing or the logarithm does not exist.

    Raises `OutOfRange` for numbers so large that their squares cannot be added up in double precision. Raises it also
    for numbers so small that all their squares are zero though the numbers are not.
    """
    values: Vector | None = None
    for part in term.parts:
        base = table[part.column].cast(pl.Float64).rechunk().to_numpy()
        if part.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                base = np.log(base)
        with np.errstate(over="ignore", invalid="ignore"):  # beyond the range of numbers it is missing
            powered = base if part.power == 1 else base * base if part.power == 2 else base**part.power
            values = powered if values is None else values * powered
    product = np.asarray(values)
    large = np.flatnonzero(np.isfinite(product) & (np.abs(product) > MOST))
    if len(large):
        what = f"{term.name!r} has numbers beyond {MOST:.0e} in {counted(len(large), 'row')}"
        raise OutOfRange(
            f"{what}, so their squares cannot be summed",
            example=f"data row {large[0] + 1}: {product[large[0]]:.6g}",
            remedy="leave such rows out, or convert the column to another unit",
        )
    largest = np.nanmax(np.abs(product), initial=0.0, where=np.isfinite(product))
    if 0 < largest < LEAST:
        raise OutOfRange(
            f"all values of {term.name!r} are smaller in size than {LEAST:.0e}, so their squares are zero",
            example=f"the largest is {largest:.6g}",
            remedy="convert the column to another unit",
        )
    return product


LEAST = 1e-150
"""A term whose largest size is below this, but not zero, is refused: its squares would be zero in double precision."""
MOST = 1e150
"""A term with a larger number is refused: the sum of its squares could exceed the largest double."""


def weight_values(column: pl.Series) -> Vector:
    """Return weights; a zero weight becomes a missing value.

    Raises `OutOfRange` for a negative weight and `NotANumber` for text.
    """
    if not (column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null)):
        raise NotANumber(
            f"the weights {column.name!r} hold {_kind(column)}, not numbers",
            example=str(column.drop_nulls().head(1).to_list())[:200],
            remedy="name a column of numbers as weights, or convert this one",
        )
    values = column.cast(pl.Float64).rechunk().to_numpy()
    if (values < 0).any():
        raise OutOfRange(
            f"negative weights in {column.name!r}",
            remedy="correct them, or leave those rows out: a row of weight 0 is left out and counted",
        )
    return np.where(values > 0, values, np.nan)


def refuse_text(columns: Mapping[str, pl.Series], formula: Formula) -> None:
    """Raise `NotANumber` for a column of the formula that holds text."""
    problems: list[IntegradeError] = []
    for c in (c for c in formula.numeric_columns if c in columns):
        kind = columns[c].dtype
        if not (kind.is_numeric() or kind in (pl.Boolean, pl.Null)):
            problems.append(
                NotANumber(
                    f"{c!r} holds {_kind(columns[c])}, not numbers",
                    where=formula.text,
                    example=str(columns[c].drop_nulls().head(1).to_list())[:200],
                    remedy="put categories among the effects, after |, or convert the column",
                )
            )
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)


def refuse_nested(columns: Mapping[str, pl.Series], formula: Formula) -> None:
    """Raise `NotANumber` for a column of effects, clusters or labels that holds lists or records."""
    for name, column in columns.items():
        if column.dtype.is_nested() or column.dtype in (pl.Object, pl.Binary):
            raise NotANumber(
                f"{name!r} holds {_kind(column)}, but groups must be numbers or text",
                where=formula.text,
                example=str(column.drop_nulls().head(1).to_list())[:200],
                remedy="put one of its values into a separate column, or leave the column out",
            )


def _kind(column: pl.Series) -> str:
    """Return the kind of content that a column has, in words."""
    kind = column.dtype
    if kind in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    return "records" if kind == pl.Struct else "lists" if kind.is_nested() else str(kind)
