"""Stack the frames of several files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import narwhals as nw

from integrade.engine.frames import Frame
from integrade.records.cells import check_codes
from integrade.records.schema import TABLES, refuse_numeric_code


def stack(frames: Sequence[Frame], table: str = "table", padded: Collection[str] = ()) -> Frame:
    """Stack frames.

    The result has the columns of all frames; a column is missing in the rows of a frame that lacks it. Integers
    together with reals become real; any other difference of types becomes text. Raises `CodesReadAsNumbers` in two
    cases. In the first, real numbers that cannot be codes would change their type in a column that the table defines as
    text. In the second, numbers would become text in a column of codes with leading zeros that is not in ``padded``.
    """
    schemas = [dict(f.collect_schema()) for f in frames]
    kinds: dict[str, list[nw.dtypes.DType]] = {}
    for schema in schemas:
        for name, dtype in schema.items():
            kinds.setdefault(name, []).append(dtype)
    if len(frames) == 1:
        return frames[0]
    for frame, schema in zip(frames, schemas, strict=True):
        codes = [n for n in texts_of(table) if n in schema and schema[n] != _shared(kinds[n])]
        check_codes(frame, dict(zip(codes, codes, strict=True)), table)
        for name in codes:
            if _shared(kinds[name]) == nw.String:
                refuse_numeric_code(name, schema[name], padded, table, frame)
    aligned = [
        frame.select(*[_brought_to(name, schema.get(name), _shared(seen)) for name, seen in kinds.items()])
        for frame, schema in zip(frames, schemas, strict=True)
    ]
    return nw.concat(aligned, how="vertical")


def narrowed(frame: Frame, names: Sequence[str]) -> Frame:
    """Convert columns of codes to the 32-bit floats that their file stores, so that lost digits can be seen."""
    real = [n for n in names if frame.collect_schema()[n].is_float()]
    return frame.with_columns(*[nw.col(n).cast(nw.Float32) for n in real]) if real else frame


def texts_of(table: str) -> list[str]:
    """Return the columns that a canonical table defines as text."""
    return [c.name for c in TABLES[table].columns if c.kind == "text"] if table in TABLES else []


def _shared(seen: Iterable[nw.dtypes.DType]) -> Any:
    distinct = list(dict.fromkeys(seen))
    if len(distinct) == 1:
        return distinct[0]
    if all(d.is_integer() for d in distinct):
        return nw.Int64()
    return nw.Float64() if all(d.is_numeric() for d in distinct) else nw.String()


def _brought_to(name: str, have: Any, want: Any) -> nw.Expr:
    if have is None:
        return nw.lit(None, dtype=want).alias(name)
    column = nw.col(name)
    if have == want:
        return column
    if want == nw.String and have.is_float():
        whole = nw.when(column == column.round(0)).then(column).cast(nw.Int64).cast(nw.String)
        return nw.when(column == column.round(0)).then(whole).otherwise(column.cast(nw.String)).alias(name)
    return column.cast(want)
