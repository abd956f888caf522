"""What ``[firms] rules``, ``[customs] rules`` and ``[prices] breaks`` of a study ask for, done when a table is read."""

from __future__ import annotations

from typing import Any

from integrade.engine.frames import Table
from integrade.sources import CleanCustoms, CleanFirms, clean_customs, clean_firms
from integrade.study.config import CustomsSource, FirmSource, PriceSource, Source


def price_choices(source: Source) -> dict[str, Any]:
    """What `read_prices` takes beside the options of every reader."""
    if not isinstance(source, PriceSource):
        return {}
    years = {"to_year": True} if source.to_year else {}
    return {**years, "basis": source.basis, "goods": source.goods()}


def cleaned(table: Table, source: Source) -> Table:
    """The table without what the section's rules drop; as it is where there are none."""
    result: Table = table
    if isinstance(source, FirmSource) and source.rules and table.name != "registry":  # first who is who, then rules
        how = CleanFirms(tuple(source.rules), source.min_employees, source.currency_unit, source.absent)
        result = clean_firms(table, how)
    if isinstance(source, CustomsSource) and source.rules:
        defaults = CleanCustoms()
        words = defaults.keywords if source.keywords is None else tuple(source.keywords)
        result = clean_customs(table, CleanCustoms(tuple(source.rules), words, tuple(source.chapters), source.cuts))
    return result
