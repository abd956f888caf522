"""The names of the dataframe engines: for what knows no engine (`integrade.engine.frames` does)."""

from typing import Literal

Engine = Literal["auto", "polars", "duckdb", "spark"]
"""What a user asks for. auto: Polars, or DuckDB for a table that would not fit into the memory budget."""
