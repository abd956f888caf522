"""The terms of a formula as columns of a Polars frame."""

from __future__ import annotations

from functools import reduce
from operator import mul

import polars as pl

from integrade.models.linear.formula import Part, Term


def as_column(term: Term) -> pl.Expr:
    """The values of a term; missing where a logarithm does not exist."""
    return reduce(mul, [_part(p) for p in term.parts]).alias(term.name)


def plain(term: Term) -> Term:
    """The term as a column of its own, as `as_column` names it."""
    return Term((Part(term.name),))


def _part(part: Part) -> pl.Expr:
    base = pl.col(part.column).cast(pl.Float64)
    if part.log:
        base = pl.when(base > 0).then(base.log())
    return base**part.power if part.power > 1 else base
