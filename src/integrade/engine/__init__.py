"""Run tables on Polars, DuckDB or Spark, within the memory and the files of this machine."""
