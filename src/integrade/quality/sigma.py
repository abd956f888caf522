"""Read the elasticity of substitution of every product: one number, a table by HS code, or an estimator's name.

A product takes the sigma of its own code, else of the longest given code with which its code starts. Else it takes the
median of its HS chapter (first two digits), else the median of all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrade.engine.frames import collect, enter
from integrade.errors import (
    CodesReadAsNumbers,
    EmptyTable,
    FileMissing,
    MissingColumn,
    NotANumber,
    UsageError,
    did_you_mean,
    option,
)
from integrade.quality.side_tables import number_of
from integrade.sources.files.by_recipe import is_of_recipe
from integrade.sources.tables.sigma import MOST, refuse_large
from plainwords.account import Entry
from plainwords.texts import say
from rawcells import doors

if TYPE_CHECKING:
    import polars as pl

SMALLEST = 1.05  # at or below it quality = residual / (sigma - 1) explodes: METHODS 3.3
IMPOSED = "imposed"
"""The source of a sigma that is a number."""
LARGE = 20.0  # above it quality hardly varies (METHODS 3.3)
_CHAPTER = 2
ESTIMATE = "estimate"
"""The value of the option sigma or theta if `quality_parameters` is to estimate that parameter."""
ESTIMATED = ("ols", "iv", "feenstra", "broda_weinstein", "soderbery")


@dataclass(frozen=True)
class Given:
    """The option sigma in the form that the user gave: a number, a table of product and sigma, or one of `ESTIMATED`.

    ``notes`` count the rows of a table that were dropped, merged or filled.
    """

    value: float | str | pl.DataFrame
    notes: Sequence[Entry] = ()


def names_a_file(given: Any) -> bool:
    """Return whether the option is text that is neither a number nor the name of an estimator."""
    return isinstance(given, str) and given not in (*ESTIMATED, ESTIMATE) and _number(given) is None


def elasticity(given: Any) -> None:
    """Refuse a number that is not a usable elasticity. Raises `UsageError`."""
    number = _number(given)
    if number is not None and not SMALLEST < number <= MOST:
        raise UsageError(
            f"sigma={number:g}: {_why_not(number)}",
            remedy=f"give an elasticity of substitution, such as {option('sigma', 5)}",
        )


def _why_not(number: float) -> str:
    """Return the reason why a number is not a usable elasticity."""
    if number > MOST:
        return f"quality is then the price alone, so sigma must be at most {MOST:,.0f}"
    return f"quality divides by sigma - 1, so sigma must be above {SMALLEST}"


def read_sigma_option(given: Any, option: str = "sigma") -> Given:
    """Return one number, a sorted table with one row per product (text) and sigma, or an estimator.

    If a product has several rows, such as one per importing country, the median of the sigmas above 1.05 is used. If
    none is above 1.05, the product keeps its largest sigma, so that it is refused instead of looked up under a shorter
    code.

    Raises `UsageError` for a number at or below 1.05 or beyond a million, `OutOfRange` for a number beyond a million in
    a table, `FileMissing`, `MissingColumn`, `CodesReadAsNumbers`, `NotANumber`, `EmptyTable`.
    """
    if isinstance(given, str) and given in ESTIMATED and option == "sigma":
        return Given(given)
    number = _number(given, option)
    if number is not None:
        if not SMALLEST < number <= MOST:
            raise UsageError(
                f"{option}={number:g}: {_why_not(number)}", remedy="give an elasticity of substitution, such as 5"
            )
        return Given(number)
    rows, notes = _rows(given)
    table, more = _one_each(rows, str(given) if isinstance(given, str | Path) else "")
    return Given(table, [*notes, *more])


def _number(given: Any, option: str = "sigma") -> float | None:
    if isinstance(given, bool) or given is None:
        raise UsageError(
            f"{option}={given!r} is not an elasticity", remedy="give a number, or a table of product and sigma"
        )
    return number_of(given)


def _rows(given: Any) -> tuple[pl.DataFrame, list[Entry]]:
    import polars as pl

    if isinstance(given, Mapping):
        wrong = [code for code in given if not isinstance(code, str)]
        if wrong:
            raise _numbers_for_codes(repr(wrong[0]))
        return pl.DataFrame({"product": list(given), "sigma": [float(s) for s in given.values()]}), []
    rows, notes = _read(Path(given)) if isinstance(given, str | Path) else (collect(enter(given)), [])
    missing = [name for name in ("product", "sigma") if name not in rows.columns]
    if missing:
        raise MissingColumn(
            f"column {missing[0]!r} is missing from the sigma table",
            remedy="name its columns product and sigma; " + did_you_mean(missing[0], rows.columns),
        )
    if rows["product"].dtype.is_numeric():
        raise _numbers_for_codes(str(rows["product"].drop_nulls().head(1).to_list()))
    return rows.select("product", "sigma"), notes


def _numbers_for_codes(example: str) -> CodesReadAsNumbers:
    return CodesReadAsNumbers(
        "'product' of the sigma table holds numbers, so leading zeros may be gone (010 would be 10)",
        example=example,
        remedy="store codes as text",
    )


def _read(path: Path) -> tuple[pl.DataFrame, list[Entry]]:
    """Read a sigma file; if the heading of its products gives the level (HS0_3d), `read_sigma` reads it."""
    from integrade.sources import read_sigma
    from integrade.sources.files.readers import read_raw
    from integrade.sources.tables.sigma import sigma_source

    if not doors.is_file(path):
        near = sorted(p.name for p in path.parent.glob("*.csv")) if path.parent.is_dir() else []
        raise FileMissing(
            f"sigma={str(path)!r} is neither a number nor a file", remedy=did_you_mean(path.name, [*near, *ESTIMATED])
        )
    rows = read_raw(str(path), table="sigma").polars()
    if {"product", "sigma"} <= set(rows.columns) and sigma_source(str(path)) is None:
        return rows, []
    table = read_sigma(str(path))
    entries = [e for e in table.account if e.kind in ("dropped", "merged", "filled") or is_of_recipe(e)]
    return table.polars(), entries


def _one_each(rows: pl.DataFrame, where: str) -> tuple[pl.DataFrame, list[Entry]]:
    """Return one sigma per product, and entries that count blank rows, rows at or below 1.05 and repeated products."""
    import polars as pl

    sigma = rows["sigma"].cast(pl.Float64, strict=False).fill_nan(None)
    text = rows["sigma"].cast(pl.String).str.strip_chars()
    junk = text.filter(sigma.is_null() & text.is_not_null() & ~text.is_in(["", ".", "NA", "NaN", "nan"]))
    if len(junk):
        raise NotANumber(f"text in the sigma column: {len(junk):,} cells", example=junk[0], remedy="correct the cells")
    refuse_large(rows["product"], sigma, where)
    tidy = pl.DataFrame({"product": rows["product"].cast(pl.String).str.strip_chars(), "sigma": sigma}).drop_nulls()
    tidy = tidy.filter(pl.col("product") != "")
    if tidy.is_empty():
        raise EmptyTable(
            "the sigma table has no row with a product and a sigma", remedy="give a table of product and sigma"
        )
    good = pl.col("sigma").filter(pl.col("sigma") > SMALLEST).median()
    low = tidy.filter(pl.col("sigma") <= SMALLEST)
    lost = {
        say("sources.sigma-missing"): rows.height - tidy.height,
        say("quality.sigma-at-or-below", least=str(SMALLEST)): low.height,
    }
    medians = tidy.group_by("product").agg(sigma=pl.coalesce(good, pl.col("sigma").max())).sort("product")
    entries = [Entry("quality", "sigma", "dropped", reason, n) for reason, n in lost.items() if n]
    if low.height:
        entries[-1] = dataclasses.replace(entries[-1], example=low["product"][0])
    spare = tidy.height - low.height - tidy.filter(pl.col("sigma") > SMALLEST)["product"].n_unique()
    if spare:
        entries.append(Entry("quality", "sigma", "merged", say("sources.median-of-product"), spare))
    return medians, entries


def look_up(products: pl.Series, table: pl.DataFrame) -> pl.DataFrame:
    """Return product, sigma, source and refused, in the order of ``products``; a refused sigma is missing."""
    import polars as pl

    matched = pl.DataFrame({"product": products})
    size = pl.col("product").str.len_chars()
    sources: list[pl.Expr] = []
    values: list[pl.Expr] = []
    for length in sorted(table["product"].str.len_chars().unique().to_list(), reverse=True):
        coded = table.rename({"product": "start", "sigma": f"by_{length}"})
        matched = matched.with_columns(start=pl.when(size >= length).then(pl.col("product").str.head(length)))
        matched = matched.join(coded, on="start", how="left", maintain_order="left").drop("start")
        hit = pl.when(pl.col(f"by_{length}").is_not_null())
        level = pl.when(size == length).then(pl.lit("its own code")).otherwise(pl.lit(f"the first {length} digits"))
        values.append(pl.col(f"by_{length}"))
        sources.append(hit.then(level))
    usable = table.filter(pl.col("sigma") > SMALLEST)
    chapters = usable.group_by(chapter=pl.col("product").str.head(_CHAPTER)).agg(by_chapter=pl.col("sigma").median())
    matched = matched.with_columns(chapter=pl.col("product").str.head(_CHAPTER))
    matched = matched.join(chapters, on="chapter", how="left", maintain_order="left")
    values += [pl.col("by_chapter"), pl.lit(usable["sigma"].median(), dtype=pl.Float64)]
    sources += [pl.when(pl.col("by_chapter").is_not_null()).then(pl.lit("the median of its chapter"))]
    sources += [pl.lit("the median of all products")]
    matched = matched.select("product", sigma=pl.coalesce(values), source=pl.coalesce(sources))
    return matched.with_columns(
        pl.when(pl.col("sigma") > SMALLEST).then(pl.col("sigma")), refused=~(pl.col("sigma") > SMALLEST)
    )
