"""Read small tables used with customs records: groups, parameters by product, costs of firms, outside shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrade.engine.frames import collect, enter
from integrade.errors import CodesReadAsNumbers, FileMissing, MissingColumn, NotANumber, did_you_mean
from integrade.records.schema import MISSING_WORDS
from rawcells import doors

if TYPE_CHECKING:
    import polars as pl


def read_side_table(given: Any, option: str) -> pl.DataFrame:
    """Read a file, frame or mapping (of product to the value that ``option`` names) into memory.

    Raises `FileMissing`, and `CodesReadAsNumbers` if its product codes are numbers.
    """
    import polars as pl

    if isinstance(given, Mapping):
        wrong = [code for code in given if not isinstance(code, str)]
        if wrong:
            raise _numbers_for_codes(option, repr(wrong[0]))
        return pl.DataFrame({"product": list(given), option: list(given.values())})
    if isinstance(given, str | Path):
        from integrade.sources.files.readers import read_raw

        path = Path(given)
        if not doors.is_file(path):
            near = sorted(p.name for p in path.parent.glob("*.*")) if path.parent.is_dir() else []
            raise FileMissing(f"{option}={str(path)!r}: no such file", remedy=did_you_mean(path.name, near))
        rows = read_raw(str(path), table=option).polars()
    else:
        rows = collect(enter(given))
    if "product" in rows.columns and rows["product"].dtype.is_numeric():
        raise _numbers_for_codes(option, str(rows["product"].drop_nulls().head(1).to_list()))
    return rows


def _numbers_for_codes(option: str, example: str) -> CodesReadAsNumbers:
    return CodesReadAsNumbers(
        f"'product' of the table given as {option} holds numbers, so leading zeros may be gone (010 would be 10)",
        example=example,
        remedy="store codes as text",
    )


def number_of(given: Any) -> float | None:
    """Return a number, or a text that is one, as a float; None for anything else (True and False included)."""
    try:
        return float(given) if isinstance(given, int | float | str) and not isinstance(given, bool) else None
    except ValueError:
        return None


def require(rows: pl.DataFrame, names: Sequence[str], option: str) -> None:
    """Refuse a side table that lacks one of ``names``. Raises `MissingColumn` for the first missing."""
    missing = [name for name in names if name not in rows.columns]
    if missing:
        raise MissingColumn(
            f"column {missing[0]!r} is missing from the table given as {option}",
            remedy=f"name its columns {', '.join(names)}; " + did_you_mean(missing[0], rows.columns),
        )


def numbers(rows: pl.DataFrame, names: Sequence[str], option: str) -> pl.DataFrame:
    """Return columns of a side table as numbers; NaN and words for missing become missing. Raises `NotANumber`."""
    import polars as pl

    for name in names:
        column = rows[name]
        if column.dtype == pl.String:
            clean = column.str.strip_chars().replace(list(MISSING_WORDS), [None] * len(MISSING_WORDS))
            column = clean.cast(pl.Float64, strict=False)
            junk = clean.filter(clean.is_not_null() & column.is_null())
            if len(junk):
                raise NotANumber(
                    f"text in the column {name!r} of the table given as {option}: {len(junk):,} cells",
                    example=str(junk[0]),
                    remedy="correct the cells",
                )
        rows = rows.with_columns(column.cast(pl.Float64).fill_nan(None).alias(name))
    return rows


def text(rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return columns as text without surrounding blanks; empty text becomes missing."""
    import polars as pl

    stripped = [pl.col(n).cast(pl.String).str.strip_chars().alias(n) for n in names]
    return rows.with_columns(stripped).with_columns(pl.when(pl.col(n) != "").then(pl.col(n)) for n in names)


def by_code(products: pl.Series, table: pl.DataFrame, name: str) -> pl.Series:
    """Return column ``name`` for each product, from its own code or else the longest code with which its code starts.

    The value is missing if there is no such code. ``table`` has one row per product (HS code of any level).
    """
    import polars as pl

    matched = pl.DataFrame({"product": products})
    hits: list[str] = []
    for length in sorted(table["product"].str.len_chars().unique().to_list(), reverse=True):
        hits.append(f"_{length}")
        coded = table.select(start="product", **{hits[-1]: name})
        long_enough = pl.col("product").str.len_chars() >= length
        matched = matched.with_columns(start=pl.when(long_enough).then(pl.col("product").str.head(length)))
        matched = matched.join(coded, on="start", how="left", maintain_order="left").drop("start")
    return matched.select(pl.coalesce(hits).alias(name)).to_series()
