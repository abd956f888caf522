"""Group codes of several editions (HS revisions, GB/T 4754) into families that are the same in all editions.

A family is a connected component of the graph whose nodes are (edition, code) and whose edges are the rows of the
correspondence tables that the user gives. No value is ever split between codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from integrade.engine.frames import Table, collect, enter
from integrade.errors import CodesReadAsNumbers, MissingColumn, UsageError
from integrade.sources.files.readers import read_raw
from integrade.sources.files.reading import Reading
from integrade.sources.files.selection import Paths, expand
from integrade.wording.numerals import percent
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

HS = (1988, 1996, 2002, 2007, 2012, 2017, 2022)
"""Revisions of the Harmonised System: HS0 (also called HS1992) to HS6."""
FIRST_YEAR: Mapping[str, Mapping[int, int]] = {
    "HS": {year: year for year in HS},
    "GB/T 4754": {1984: 1984, 1994: 1994, 2002: 2003, 2011: 2013, 2017: 2018},
}
"""For each system and edition, the first year whose records use it."""
_SYSTEMS = {
    "HS": r"^(?:from|to)?[ _]*h(?:s|armonized[ _]system)?",
    "GB/T 4754": r"^(?:gb[/ _]?t?|cic|industry|行业代码)",
}
_DIGITS = re.compile(r"[ _](\d{1,2})_?d(?:igits?)?$", re.IGNORECASE)


class Edition(NamedTuple):
    """Edition of a system of codes, for example ``HS`` and 2007."""

    system: str
    year: int

    def __str__(self) -> str:
        return f"{self.system} {self.year}"


class Link(NamedTuple):
    """Correspondence table: its two editions, and its pairs of an old and a new code."""

    name: str
    old: Edition
    new: Edition
    pairs: frozenset[tuple[str, str]]


def code_families(tables: Any, *, columns: Mapping[str, str] | None = None) -> Table:
    """Compute families of codes over several editions, from correspondence tables (files or frames).

    Formula: the families are the connected components of the graph of (edition, code), with an edge for each row of a
    table. Each table has two columns of codes whose headings name the edition: ``HS2012``, ``HS 2012``, ``HS4_6d`` (HS4
    is the revision of 2012), ``H4``, ``GB/T 4754-2002``, ``cic2002``. ``columns={OLD: "HS2012"}`` names editions for
    other headings. A family is named after its smallest code of the oldest edition; a name that is taken gets ``@`` and
    the year. Codes that are split, merged, or both split and merged are counted. If there are tables in both
    directions, a pair that only one of the two has is used and counted.

    Missing values: a row without one of its codes is left out and counted.
    Returns: `Table` ``families`` with system, edition (year), code, family, and size (the number of codes of all
    editions in the family); one row per edition and code. Raises `MissingColumn` unless exactly two editions are named
    in the headings, `UsageError` for tables of two systems, and `CodesReadAsNumbers` for codes stored as numbers.

    Reference: Pierce, J. R. & Schott, P. K. (2012), Journal of Official Statistics 28, 53-68.

    Example:
        >>> import polars as pl
        >>> split = pl.DataFrame({"HS2007": ["010110", "010110"], "HS2012": ["010121", "010130"]})
        >>> code_families(split).polars()["family"].unique().to_list()
        ['010110']
    """
    links, entries = [], list[Entry]()
    for name, rows in _tables(tables):
        link, left_out = _link(name, rows, columns or {})
        links.append(link)
        entries += [Entry("families", name, "dropped", say("sources.code-missing"), left_out)] if left_out else []
    systems = sorted({e.system for link in links for e in (link.old, link.new)})
    if len(systems) != 1:
        raise UsageError(
            f"correspondence tables of {' and '.join(systems)}", remedy="give those of one system at a time"
        )
    families = _components(links)
    return Table("families", families, Account((*entries, *_checked(links), *_described(families))))


def _tables(tables: Any) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the name and the rows of each table; files are read as text."""
    listed = list(tables) if isinstance(tables, list | tuple) and not hasattr(tables, "location") else [tables]
    for i, table in enumerate(listed, 1):
        if hasattr(table, "collect_schema") or hasattr(table, "columns") or isinstance(table, Table):
            yield f"table {i}", collect(enter(table))
            continue
        paths: Paths = table
        for file in expand(paths):
            yield file.name, read_raw(file, engine="polars", options=Reading(), table="families").polars()


def _link(name: str, rows: pl.DataFrame, columns: Mapping[str, str]) -> tuple[Link, int]:
    import polars as pl

    editions = _editions(rows.columns, columns)
    if len(editions) != 2:
        known = ", ".join(rows.columns)
        raise MissingColumn(
            f"{name}: {len(editions)} of its headings name an edition, not two",
            example=known,
            remedy="call the two columns of codes by their editions in the file, as HS2007 and HS2012",
        )
    (old, first), (new, second) = editions.items()
    for column in (first, second):
        if rows.schema[column].is_numeric():
            raise CodesReadAsNumbers(
                f"{column!r} of {name} holds numbers, so leading zeros may be gone", remedy="store codes as text"
            )
    clean = [
        pl.col(c).cast(pl.String).str.replace_all(r"[\s.]", "").replace("", None).alias(n)
        for c, n in ((first, "old"), (second, "new"))
    ]
    pairs = rows.select(clean)
    whole = pairs.drop_nulls()
    return Link(name, old, new, frozenset(whole.iter_rows())), pairs.height - whole.height


def _editions(headings: Sequence[str], columns: Mapping[str, str]) -> dict[Edition, str]:
    """Return the editions that headings name, in the order of the file; of two columns, the one with longer codes."""
    best: dict[Edition, tuple[int, str]] = {}
    for heading in headings:
        named = columns.get(heading, heading)
        edition, digits = edition_of(named), _DIGITS.search(named)
        length = int(digits[1]) if digits else 99
        if edition and length > best.get(edition, (0, ""))[0]:
            best[edition] = (length, heading)
    return {edition: heading for edition, (_, heading) in best.items()}


def edition_of(heading: str) -> Edition | None:
    """Return the edition that a heading names; None if it names none.

    Example:
        >>> [str(edition_of(h)) for h in ("HS 2012", "HS4_6d", "H4", "HS92", "GB/T 4754-2002", "cic2002", "code")]
        ['HS 2012', 'HS 2012', 'HS 2012', 'HS 1988', 'GB/T 4754 2002', 'GB/T 4754 2002', 'None']
    """
    word = heading.strip().casefold()
    for system, pattern in _SYSTEMS.items():
        match = re.match(pattern, word)
        if not match:
            continue
        number_part = re.sub(r"^[ /_-]*4754", "", word[match.end() :])
        number = re.match(r"(?:\d{1,2}[ _-])?[ _:-]*(\d{4}|\d{2})(?!\d)|(\d)_\d+_?d|(\d)$", number_part)
        if number and not (number[3] and word.startswith("hs")):  # hs6 means six digits, not an edition
            year = _year(system, number[1] or number[2] or number[3])
            return Edition(system, year) if year in FIRST_YEAR[system] else None
    return None


def _year(system: str, digits: str) -> int:
    if system == "HS" and len(digits) == 1:
        return HS[int(digits)] if int(digits) < len(HS) else 0
    year = int(digits) if len(digits) == 4 else int(digits) + (1900 if int(digits) > 50 else 2000)
    return 1988 if system == "HS" and year == 1992 else year


def _components(links: Sequence[Link]) -> pl.DataFrame:
    import numpy as np
    import polars as pl
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = sorted({((link.old, a), (link.new, b)) for link in links for a, b in link.pairs})
    nodes = sorted({node for edge in edges for node in edge})
    number = {node: i for i, node in enumerate(nodes)}
    ends = np.array([(number[a], number[b]) for a, b in edges])
    shape = (len(nodes), len(nodes))
    graph = coo_array((np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), shape=shape)
    component: Any = connected_components(graph, directed=False)[1]
    first: dict[int, tuple[Edition, str]] = {}
    for node in nodes:  # sorted: the oldest edition, the smallest code
        first.setdefault(int(component[number[node]]), node)
    taken: dict[str, int] = {}
    names = {}
    for c, (edition, code) in sorted(first.items(), key=lambda item: item[1]):
        names[c] = code if taken.setdefault(code, c) == c else f"{code}@{edition.year}"
    rows = [(e.system, e.year, code, names[int(component[number[e, code]])]) for e, code in nodes]
    frame = pl.DataFrame(rows, schema=["system", "edition", "code", "family"], orient="row")
    return frame.with_columns(size=pl.len().over("family").cast(pl.Int64)).sort("edition", "code")


def _checked(links: Sequence[Link]) -> list[Entry]:
    """Count which kinds of changes codes undergo forward and backward; warn about pairs that only one direction has."""
    entries = []
    for link in links:
        into, back = _degrees(link.pairs, 0), _degrees(link.pairs, 1)
        kinds = [(into[a] > 1, back[b] > 1) for a, b in link.pairs]
        same = kinds.count((False, False))
        both = len({a for a, b in link.pairs if into[a] > 1 and back[b] > 1})
        split, merged = sum(n > 1 for n in into.values()), sum(n > 1 for n in back.values())
        counts = {"codes": len(into), "same": same, "split": split, "merged": merged, "both": both}
        reason = say("sources.editions-checked", old=str(link.old), new=str(link.new), **counts)
        entries.append(Entry("families", link.name, "note", reason, 0))
    by_editions: dict[tuple[Edition, Edition], set[tuple[str, str]]] = {}
    for link in links:
        by_editions.setdefault((link.old, link.new), set()).update(link.pairs)
    for (old, new), pairs in by_editions.items():
        backward = {(a, b) for b, a in by_editions.get((new, old), ())}
        alone = sorted(pairs ^ backward) if backward and old < new else []
        if alone:
            reason = say("sources.one-direction-only", n=len(alone), old=str(old), new=str(new))
            entries.append(Entry("families", "families", "warning", reason, 0, " and ".join(alone[0])))
    return entries


def _degrees(pairs: frozenset[tuple[str, str]], end: int) -> dict[str, int]:
    degrees: dict[str, int] = {}
    for pair in pairs:
        degrees[pair[end]] = degrees.get(pair[end], 0) + 1
    return degrees


def _described(families: pl.DataFrame) -> list[Entry]:
    import polars as pl

    sizes = families.group_by("family").agg(n=pl.len()).sort("n", "family", descending=[True, False])
    editions = families["edition"].n_unique()
    largest, name = sizes["n"][0], sizes["family"][0]
    share = largest / families.height
    reason = say(
        "sources.families",
        families=sizes.height,
        codes=families.height,
        editions=str(editions),
        name=repr(name),
        largest=largest,
        share=percent(share),
    )
    # A family of more than a tenth of all codes (and more than 20) hides differences between products; conventions.
    return [Entry("families", "families", "warning" if share > 0.1 and largest > 20 else "note", reason, 0)]
