"""Tables of a lakehouse, on a disk or in a store: Delta and Iceberg.

The rows of such a table are not those of all its Parquet files: a log says which of them count. Delta is read by the
package ``deltalake`` for Polars and DuckDB, and by Spark where its session has Delta, as Sail has; Iceberg by Spark
alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from integrade.engine.stage import is_address, store_of
from integrade.errors import Unreadable, UsageError
from integrade.sources.bytes.stores import is_pattern

if TYPE_CHECKING:
    import polars as pl

Form = Literal["delta", "iceberg"]
LOGS: Mapping[Form, str] = {"delta": "_delta_log", "iceberg": "metadata"}
"""The folder of each form that holds its log."""
ENDS: Mapping[Form, str] = {"delta": ".json", "iceberg": ".metadata.json"}
"""How the names of files of a log end."""


def form_at(location: str) -> Form | None:
    """Which form of table a folder is; None for any other folder, file or pattern. Raises what PyArrow raises."""
    if is_address(location) and is_pattern(location):
        return None
    return next((form for form in LOGS if any(name.endswith(ENDS[form]) for name in _log(location, form))), None)


def versions(location: str, form: Form) -> list[str]:
    """The files of a log with their sizes: a table that is written to has others."""
    return [f"{name} {size}" for name, size in sorted(_log(location, form).items())]


def scan_delta(location: str) -> pl.LazyFrame:
    """The rows of a Delta table as its newest version has them.

    Raises `UsageError` without the package, `Unreadable` for a table that it does not read.
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
    """The names and sizes of the files of a log; empty where there is none."""
    folder = f"{location.rstrip('/')}/{LOGS[form]}"
    if not is_address(location):
        return {one.name: one.stat().st_size for one in Path(folder).iterdir()} if Path(folder).is_dir() else {}
    from pyarrow import fs

    system, path = store_of(folder)
    return {one.base_name: one.size or 0 for one in system.get_file_info(fs.FileSelector(path, allow_not_found=True))}
