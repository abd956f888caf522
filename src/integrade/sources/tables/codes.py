"""Bring the codes of a table to one standard if the user asks for it.

Countries become ISO3 codes; products and industries become families.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw

from integrade.engine.frames import Data, Frame, Table, account_of, collect, enter, give_back, place
from integrade.errors import Coverage, MissingColumn, UsageError, did_you_mean, option
from integrade.sources.files.by_recipe import by_value
from integrade.sources.files.reading import Reading
from integrade.sources.meaning.recipe import find_recipe
from integrade.sources.tables.families import FIRST_YEAR, code_families
from plainwords.account import Entry
from plainwords.texts import listed, say

if TYPE_CHECKING:
    import polars as pl

CODED = {"customs": "product", "firms": "industry", "registry": "industry"}
"""For each table, the column whose codes change between editions."""
COUNTRIES = {"customs": ("destination",)}


def with_codes(frame: Frame, table: str, options: Reading) -> tuple[Frame, list[Entry]]:
    """Apply the options ``countries`` and ``families``. Raises `UsageError` if the table lacks such codes."""
    entries: list[Entry] = []
    if options.countries == "iso3":
        recipe = find_recipe(options.source, table)
        marked = [n for n, field in recipe.columns.items() if field.country] if recipe else []
        names = [n for n in dict.fromkeys([*COUNTRIES.get(table, ()), *marked]) if n in frame.collect_schema().names()]
        if not names:
            raise UsageError(f"{table} has no column of countries", remedy=f"leave {option('countries')} out")
        for name in names:
            frame, more = _to_iso3(frame, name, table)
            entries += more
    if options.families:
        if table not in CODED:
            raise UsageError(
                f"{table} has no codes that change with editions (known: {', '.join(CODED)})",
                remedy=f"leave {option('families')} out",
            )
        families = code_families(list(options.families))
        frame, more = _to_families(frame, families.polars(), CODED[table], table, options.edition)
        entries += [*families.account, *more]
    return frame, entries


def harmonise(data: Data, families: Any, *, column: str = "product", edition: int | None = None) -> Data:
    """Replace the codes of one column by their families.

    The edition of a row is the one in force in its ``year``, among the editions of the families, unless ``edition``
    gives one for all rows. Editions of HS begin in 1988, 1996, 2002, 2007, 2012, 2017 and 2022. Editions of GB/T 4754
    are in force as follows: 1984 until 1993, 1994 until 2002, 2002 until 2012, 2011 until 2017, 2017 since 2018. Codes
    longer than the longest code of the families are cut to its length. Several rows may then have the same key; the
    measures add them up.

    Missing values: a code that is in no correspondence table stays unchanged and is counted.
    Returns: the same kind of table; the columns that identify a row are the same. Raises `MissingColumn`, `UsageError`
    for an edition that the families lack, and `Coverage` if no code is found at all.

    Example:
        >>> import polars as pl
        >>> links = pl.DataFrame({"HS2007": ["010110", "010110"], "HS2012": ["010121", "010130"]})
        >>> rows = pl.DataFrame({"product": ["01011010", "010130"], "year": [2010, 2013]})
        >>> harmonise(rows, code_families(links))["product"].to_list()
        ['010110', '010110']
    """
    frame = enter(data)
    names = frame.collect_schema().names()
    for name in (column, *([] if edition else ["year"])):
        if name not in names:
            raise MissingColumn(f"no column {name!r} to harmonise", remedy=did_you_mean(name, names))
    rows = collect(enter(families))
    changed, entries = _to_families(frame, rows, column, column, edition)
    return give_back(
        changed,
        data,
        name=data.name if isinstance(data, Table) else "harmonised",
        account=account_of(data) + entries,
        conformed=getattr(data, "conformed", ""),
    )


def _to_iso3(frame: Frame, name: str, table: str) -> tuple[Frame, list[Entry]]:
    """Convert countries to ISO3; a name that is not a country stays unchanged and is counted."""
    from integrade.sources.meaning.countries import iso3

    counts = collect(frame.group_by(name).agg(n=nw.len()))
    unknown = {str(v): n for v, n in counts.iter_rows() if v is not None and iso3(str(v)) is None}
    changed = by_value(frame, name, lambda text: iso3(text) or text)
    entries = [Entry("codes", table, "note", say("sources.iso-countries", column=name), 0)]
    if unknown:
        shown = ", ".join(sorted(unknown)[:8]) + (", ..." if len(unknown) > 8 else "")
        reason = say("sources.no-iso-country", column=name, n=sum(unknown.values()))
        entries.append(Entry("codes", table, "note", reason, sum(unknown.values()), shown))
    return changed, entries


def _to_families(
    frame: Frame, families: pl.DataFrame, column: str, table: str, edition: int | None
) -> tuple[Frame, list[Entry]]:
    """Replace codes by the code of their family, in ``edition``; without it, in the edition of each row.

    A code without a family stays unchanged and is counted. Raises `UsageError` and `Coverage`, as `harmonise` does.
    """
    import polars as pl

    length = int(families["code"].str.len_chars().max() or 0)  # type: ignore[arg-type]
    system, years = families["system"][0], sorted(families["edition"].unique())
    if edition is not None:
        edition = 1988 if system == "HS" and edition == 1992 else edition
        if edition not in years:
            known = " or ".join(option("edition", year) for year in years)
            raise UsageError(f"no edition {edition} of {system} among the families", remedy=f"they have {known}")
    keyed = frame.with_columns(
        _code=nw.col(column).str.slice(0, length), _edition=_edition_in_force(FIRST_YEAR[system], years, edition)
    )
    lookup = families.select(_edition=pl.col("edition").cast(pl.Int64), _code="code", _family="family", _size="size")
    joined = keyed.join(place(lookup, keyed), on=["_edition", "_code"], how="left")
    family_of_code = nw.col("_family")
    facts = collect(
        joined.select(
            n=nw.len(),
            unknown=family_of_code.is_null().cast(nw.Int64).sum(),
            moved=(family_of_code != nw.col("_code")).cast(nw.Int64).sum(),
        )
    ).row(0, named=True)
    if facts["unknown"] == facts["n"]:
        example = ", ".join(sorted(families["code"].to_list())[:3])
        raise Coverage(
            f"no code of {column!r} is in the correspondence tables",
            example=f"they have {example}",
            remedy=f"check their system ({system}) and that codes are text with their zeros",
        )
    names = [n for n in joined.collect_schema().names() if not n.startswith("_")]
    family = nw.when(~family_of_code.is_null()).then(family_of_code).otherwise(nw.col("_code")).alias(column)
    changed = joined.select(*[family if n == column else nw.col(n) for n in names])
    known, moved = facts["n"] - facts["unknown"], facts["moved"] or 0
    when = listed([str(year) for year in years], "comma")
    reason = say("sources.as-families", column=column, system=system, years=when, known=known, moved=moved)
    entries = [Entry("codes", table, "note", reason, 0)]
    if facts["unknown"]:
        reason = say("sources.no-table-of-code", n=facts["unknown"])
        entries.append(Entry("codes", table, "note", reason, facts["unknown"]))
    return changed, entries


def _edition_in_force(first: Mapping[int, int], years: list[int], edition: int | None) -> nw.Expr:
    """Return the edition of each row.

    This is ``edition`` if it is given, else the last edition whose first year is not after the row's year. Rows before
    the first edition get the oldest one.
    """
    if edition is not None:
        return nw.lit(edition, dtype=nw.Int64)
    chosen = nw.lit(years[0], dtype=nw.Int64)
    for year in years[1:]:
        chosen = nw.when(nw.col("year") >= first[year]).then(nw.lit(year, dtype=nw.Int64)).otherwise(chosen)
    return chosen
