"""Columns that folders give: ``customs/year=2004/product=010121/part.parquet``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePath

import narwhals as nw

from integrade.frames import Frame, Running, scan_parquet

WHOLE = ("year", "quarter", "month", "day")
_FOLDER = re.compile(r"([^=/\\]+)=([^/\\]*)")


def scan_partitions(files: Sequence[Path], engine: Running) -> Frame:
    """Parquet files of one schema as one frame, with the columns that their folders give."""
    kinds = partition_kinds(files)
    if engine != "spark" or not kinds:
        return scan_parquet([str(file) for file in files], engine, kinds)
    parts: dict[tuple[str, ...], list[str]] = {}  # Spark would read the code 010121 as a number
    for file in files:
        parts.setdefault(tuple(_folders(file)[name] for name in kinds), []).append(str(file))
    scans = [
        scan_parquet(paths, engine).with_columns(
            *(nw.lit(kind(v)).alias(n) for (n, kind), v in zip(kinds.items(), values, strict=True))
        )
        for values, paths in parts.items()
    ]
    return nw.concat(scans, how="vertical")


def partition_kinds(files: Sequence[PurePath]) -> dict[str, type]:
    """The columns that the folders of all these files give: years and months are whole numbers, all else is text.

    Example:
        >>> partition_kinds([Path("a/year=2004/hs=010121/x.parquet"), Path("a/year=2005/hs=847130/x.parquet")])
        {'year': <class 'int'>, 'hs': <class 'str'>}
    """
    found = [_folders(file) for file in files]
    shared = [name for name in found[0] if all(name in one for one in found)]
    return {n: int if n.lower() in WHOLE and all(one[n].isdecimal() for one in found) else str for n in shared}


def _folders(file: PurePath) -> dict[str, str]:
    return {m[1]: m[2] for part in file.parts[:-1] if (m := _FOLDER.fullmatch(part))}
