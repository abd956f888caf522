"""Write Stata .dta files of format 114 (Stata 10 to 12), the usual format of Chinese firm surveys.

The format declares no encoding, so text and labels are written in any requested encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from integrade.errors import DataError

STAMP = "01 Jan 2024 00:00"
"""Time stamp of every file, so that equal data give equal bytes."""

LARGEST = 2_147_483_620
MISSING = {"<i4": LARGEST + 1, "<f8": struct.unpack("<d", bytes.fromhex("000000000000e07f"))[0]}
CODES = {"<i4": 253, "<f8": 255}
FORMATS = {"<i4": "%12.0g", "<f8": "%10.0g"}


def write_dta(
    frame: pl.DataFrame,
    path: Path,
    *,
    labels: Mapping[str, str] | None = None,
    encoding: str = "gb18030",
    title: str = "",
) -> Path:
    """Write text, integer and float columns as a .dta file of format 114.

    Missing values: a missing number becomes Stata's ``.``, missing text becomes empty. Integers are written as long,
    floats as double. Labels longer than 80 bytes are cut at a character.

    Raises: `DataError` for text longer than 244 bytes, a whole number outside the range of Stata's long, a column name
    that is not plain ASCII of at most 32 characters, or a column that is neither number nor text.

    Reference: the file's layout is that of Stata's ``help dta_114``.

    Example:
        >>> write_dta(pl.DataFrame({"name": ["宁波"]}), Path("firms.dta"))  # doctest: +SKIP
    """
    for name in frame.columns:
        if not (name.isascii() and name.isidentifier() and len(name) <= 32):
            raise DataError(
                f"{name!r} is not a Stata variable name", remedy="rename it: letters, digits, _; 32 at most"
            )
    columns = {name: _column(frame[name], encoding) for name in frame.columns}
    kinds = {name: column.dtype.str for name, column in columns.items()}
    table = np.zeros(frame.height, dtype=np.dtype(list(kinds.items())))
    for name, column in columns.items():
        table[name] = column
    described = labels or {}
    parts = [
        struct.pack("<BBBBHI", 114, 2, 1, 0, len(kinds), frame.height),
        _cut(title, encoding).ljust(81, b"\0"),
        STAMP.encode().ljust(18, b"\0"),
        bytes(CODES.get(kind) or int(kind[2:]) for kind in kinds.values()),
        b"".join(name.encode().ljust(33, b"\0") for name in kinds),
        bytes(2 * (len(kinds) + 1)),
        b"".join(FORMATS.get(kind, f"%{kind[2:]}s").encode().ljust(49, b"\0") for kind in kinds.values()),
        bytes(33 * len(kinds)),
        b"".join(_cut(described.get(name, ""), encoding).ljust(81, b"\0") for name in kinds),
        bytes(5),
        table.tobytes(),
    ]
    path.write_bytes(b"".join(parts))
    return path


def _column(values: pl.Series, encoding: str) -> np.ndarray[Any, Any]:
    """Return the column as numpy array in the type in which the file stores it."""
    if values.dtype == pl.String:
        encoded = [text.encode(encoding) for text in values.fill_null("").to_list()]
        width = max(map(len, encoded), default=1) or 1
        if width > 244:
            raise DataError(f"text in {values.name!r} is longer than 244 bytes", remedy="shorten it")
        return np.array(encoded, dtype=f"|S{width}")
    if values.dtype.is_integer():
        if not values.drop_nulls().is_between(-LARGEST, LARGEST).all():
            raise DataError(f"a value of {values.name!r} does not fit Stata's long", remedy="cast the column to float")
        return np.asarray(values.fill_null(MISSING["<i4"]).to_numpy(), dtype="<i4")
    if values.dtype.is_float():
        return np.asarray(values.fill_nan(None).fill_null(MISSING["<f8"]).to_numpy(), dtype="<f8")
    raise DataError(f"{values.name!r} is {values.dtype}, which a .dta file cannot store", remedy="cast it first")


def _cut(label: str, encoding: str) -> bytes:
    while len(label.encode(encoding)) > 80:
        label = label[:-1]
    return label.encode(encoding)
