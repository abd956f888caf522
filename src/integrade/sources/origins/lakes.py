"""Read tables of a lakehouse, on a disk or in a store: Delta and Iceberg.

Not all Parquet files in the folder of such a table belong to it. A log lists the files that do. Delta is read with the
package ``deltalake`` for Polars and DuckDB. On Spark, Delta is read if the session supports it, as Sail does. Iceberg
is read only by Spark.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from integrade.engine.stage import is_address, store_of
from integrade.errors import Unreadable, UsageError
from integrade.sources.origins.stores import is_pattern

if TYPE_CHECKING:
    import polars as pl

Form = Literal["delta", "iceberg"]
LOGS: Mapping[Form, str] = {"delta": "_delta_log", "iceberg": "metadata"}
"""Folder of the log, for each form of table."""
ENDS: Mapping[Form, str] = {"delta": ".json", "iceberg": ".metadata.json"}
"""Suffix of the files of the log, for each form of table."""


def form_at(location: str) -> Form | None:
    """Return the form of the table in a folder; None for any other folder, file or pattern.

    Raises what PyArrow raises.
    """
    if is_address(location) and is_pattern(location):
        return None
    return next((form for form in LOGS if any(name.endswith(ENDS[form]) for name in _log(location, form))), None)


def versions(location: str, form: Form) -> list[str]:
    """Return the files of a log with their sizes; the list changes whenever the table is written."""
    return [f"{name} {size}" for name, size in sorted(_log(location, form).items())]


def scan_delta(location: str) -> pl.LazyFrame:
    """Scan the rows of a Delta table in its newest version.

    Raises `UsageError` if the package is missing, and `Unreadable` for a table that the package cannot read.
    """
    import polars as pl

    try:
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError
    except ImportError:
        raise UsageError(
            f"{location} is a Delta table, and deltalake is not installed", remedy="pip install 'integrade[delta]'"
        ) from None
    try:
        return pl.scan_delta(DeltaTable(location))
    except DeltaError as problem:
        raise Unreadable(
            f"{location} cannot be read as a Delta table: {str(problem).strip().splitlines()[0]}",
            where=location,
            remedy="read it with Spark, or write its rows as Parquet",
        ) from None


def _log(location: str, form: Form) -> dict[str, int]:
    """Return the names and sizes of the files of a log; empty if there is no log."""
    folder = f"{location.rstrip('/')}/{LOGS[form]}"
    if not is_address(location):
        return {file.name: file.stat().st_size for file in Path(folder).iterdir()} if Path(folder).is_dir() else {}
    from pyarrow import fs

    system, path = store_of(folder)
    return {
        file.base_name: file.size or 0 for file in system.get_file_info(fs.FileSelector(path, allow_not_found=True))
    }
