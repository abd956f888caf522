"""Name the dataframe engines, for modules that do not use `integrade.engine.frames`."""

from typing import Literal

Engine = Literal["auto", "polars", "duckdb", "spark"]
"""The engine that a user asks for. auto: Polars, but DuckDB for a table that would exceed the memory budget."""
