"""Map each canonical table to its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from integrade.engine.frames import Engine, Table
from integrade.errors import UnknownName, did_you_mean
from integrade.records.catalogue import keywords
from integrade.sources.files.reading import Reading
from integrade.sources.files.selection import Paths
from integrade.sources.tables.prices import read_prices
from integrade.sources.tables.typed import (
    read_covariates,
    read_customs,
    read_education,
    read_exporters,
    read_firms,
    read_flows,
    read_gdp,
    read_links,
    read_output,
    read_panel,
    read_registry,
    read_survey,
)

READERS: Mapping[str, Callable[..., Table]] = {
    "prices": read_prices,
    "flows": read_flows,
    "output": read_output,
    "gdp": read_gdp,
    "survey": read_survey,
    "customs": read_customs,
    "firms": read_firms,
    "registry": read_registry,
    "exporters": read_exporters,
    "links": read_links,
    "covariates": read_covariates,
    "education": read_education,
    "panel": read_panel,
    "deflators": read_covariates,
}


@keywords(Reading)
def read_canonical(
    table: str, paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any
) -> Table:
    """Read files as the canonical table of the given name, with the reader of that table.

    Raises `UnknownName` for a table without a reader, and what the reader raises.

    Example:
        >>> gdp = read_canonical("gdp", "gdp.csv")  # doctest: +SKIP
    """
    if table not in READERS:
        raise UnknownName(f"no table {table!r}", remedy=did_you_mean(table, READERS))
    return READERS[table](paths, options=options, engine=engine, **changes)
