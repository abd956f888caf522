"""INTEGRADE_SHUFFLE=SEED pytest: rows that Polars leaves without an order come in another one, each time the same.

Joins, groups, distinct rows and ties of a sort have no order unless it is asked for (``maintain_order``). On few rows
and a quiet machine they nearly always come as they went in, so that a test that relies on it fails once in a thousand
runs. Under this it fails each time.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from polars.lazyframe.group_by import LazyGroupBy

FREE = (None, False, "none")
"""Values of ``maintain_order`` that promise nothing."""


def shuffle(seed: int) -> None:
    """From now on, in this process."""
    frame = pl.LazyFrame
    joined, grouped, distinct, ordered = frame.join, frame.group_by, frame.unique, frame.sort
    aggregated = LazyGroupBy.agg

    def mixed(rows: pl.LazyFrame) -> pl.LazyFrame:
        return rows.select(pl.all().shuffle(seed=seed))

    def join(self: pl.LazyFrame, *args: Any, **options: Any) -> pl.LazyFrame:
        found = joined(self, *args, **options)
        return mixed(found) if options.get("maintain_order") in FREE else found

    def group_by(self: pl.LazyFrame, *args: Any, **options: Any) -> LazyGroupBy:
        found = grouped(self, *args, **options)
        found.free = options.get("maintain_order") in FREE  # type: ignore[attr-defined]
        return found

    def agg(self: LazyGroupBy, *args: Any, **options: Any) -> pl.LazyFrame:
        found = aggregated(self, *args, **options)
        return mixed(found) if getattr(self, "free", False) else found

    def unique(self: pl.LazyFrame, *args: Any, **options: Any) -> pl.LazyFrame:
        found = distinct(self, *args, **options)
        return mixed(found) if options.get("maintain_order") in FREE else found

    def sort(self: pl.LazyFrame, *args: Any, **options: Any) -> pl.LazyFrame:
        return ordered(mixed(self) if options.get("maintain_order") in FREE else self, *args, **options)

    frame.join, frame.group_by, frame.unique, frame.sort = join, group_by, unique, sort  # type: ignore[assignment, method-assign]
    LazyGroupBy.agg = agg  # type: ignore[assignment, method-assign]
