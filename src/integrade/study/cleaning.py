"""Apply ``[firms] rules``, ``[customs] rules`` and ``[prices] breaks`` of a study when a table is read."""

from __future__ import annotations

from typing import Any

from integrade.engine.frames import Table
from integrade.sources import CleanCustoms, CleanFirms, clean_customs, clean_firms
from integrade.study.config import CustomsSource, FirmSource, PriceSource, Source
from integrade.study.keys import record_of


def price_choices(source: Source) -> dict[str, Any]:
    """Return the arguments that only `read_prices` takes; empty for a table that has no prices."""
    if not isinstance(source, PriceSource):
        return {}
    years = {"to_year": True} if source.to_year else {}
    return {**years, "basis": source.basis, "goods": source.goods()}


def cleaned(table: Table, source: Source) -> Table:
    """Return the table without rows that the section's rules drop; unchanged if there are no rules."""
    result: Table = table
    if isinstance(source, FirmSource) and source.rules and table.name != "registry":  # cleaned after identification
        result = clean_firms(table, record_of(source, CleanFirms))
    if isinstance(source, CustomsSource) and source.rules:
        words = {"keywords": CleanCustoms().keywords} if source.keywords is None else {}
        result = clean_customs(table, record_of(source, CleanCustoms, **words))
    return result
