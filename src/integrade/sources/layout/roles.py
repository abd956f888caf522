"""Decide what each part of a layout means: levels of headings, stubs, names of sheets, names of files.

The user's ``layout`` and ``columns`` come first, then known headings, then the labels themselves (provinces, goods with
a known name). Elimination comes last: if one part has no role and one column of the table is missing, the part is that
column. If several parts or columns are open, nothing is guessed: `UnclearLayout` names the parts and the options that
decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from pathlib import Path

from integrade.errors import AmbiguousDate, NotADate, UnclearLayout, UsageError, did_you_mean, laid_as, option
from integrade.geography import candidates, geography_of, province_of
from integrade.records.schema import TABLES, Schema
from integrade.sources.basis.words import year_named
from integrade.sources.layout.layouts import Block, Stub, are_periods, are_years, has_no_heading, months_among
from integrade.sources.layout.outline import bare
from integrade.sources.meaning.goods import canonical_good, is_good
from integrade.sources.meaning.periods import month_beside, month_of, period_in_name, readings
from integrade.sources.meaning.statistical_words import years_in
from integrade.sources.meaning.synonyms import key_of, rename, vocabulary
from integrade.wording.months import are_months, may_be_quarters, months_named, numeral, roman_months
from rawcells.cells.grid import text_of

PLACES = ("rows", "columns", "sheets", "files")
"""Keys of ``layout`` for the parts of a file that may hold columns of the table.

Any other key of ``layout`` is a column with one value for all rows.
"""
VALUES = "values"
"""Role of a level whose labels are columns of the table: index and weight, assets and sales."""
TIME = ("year", "month")
PARTS_OF_YEARS = ("month", "quarter")
NAMES = ("region", "place", "good", "price_index", "industry", *(f"h{i}" for i in range(1, 10)))
"""Keys of the vocabulary whose words may be names of regions, goods or industries, not of variables."""
MEASURED = ("integration", "segmentation", "quality")
"""Names of the columns of integrade's own results."""
SEVERAL, MOST = 5, 0.8
"""At least this many names are taken as regions if at least this share of them is in one country (conventions)."""
KEYS_OF: Mapping[str, tuple[str, ...]] = {"covariates": ("region", "year")}
"""Keys that the rows of a table must have although its schema does not require them."""


@dataclass(frozen=True)
class Part:
    """Level, stub, or set of sheet names, with its labels and the role found for it so far.

    ``name``: the name that messages use for it. ``at``: its position, for a stub or a level. ``how``: how the role was
    found: told, heading, labels or elimination. ``how`` is "code" for a stub with the codes of the names in another
    stub; only the user can give it a role.
    """

    place: str
    at: int
    name: str
    labels: tuple[str, ...]
    role: str = ""
    how: str = ""


@dataclass(frozen=True)
class Roles:
    """Parts with their roles, what the values are, and the year of all rows (if one) with the text that states it.

    ``year`` is a month (2024-12) if the text names one next to the year and the table has months.
    """

    parts: tuple[Part, ...]
    measure: str
    year: str | None = None
    year_in: str = ""

    def of(self, place: str) -> list[Part]:
        """Return the parts of one kind (a key of `PLACES`), in their order."""
        return [p for p in self.parts if p.place == place]


def required(schema: Schema) -> list[str]:
    """Return the key columns that every row must have."""
    keys = KEYS_OF.get(schema.name)
    return list(keys) if keys else [c.name for c in schema.columns if c.required and c.name in schema.key]


def check_layout(layout: Mapping[str, str], table: str) -> None:
    """Refuse a layout that does not fit a table. Raises `UsageError`.

    Each key must be in `PLACES`, be `VALUES`, or be a column of the table; a table that keeps other columns allows any
    key. Each role must be a column or `VALUES`. A column may be given to only one part.
    """
    known = [*PLACES, VALUES, *(c.name for c in TABLES[table].columns)] if table in TABLES else [*PLACES, VALUES]
    open_table = table not in TABLES or TABLES[table].keep_other
    for place, role in layout.items():
        words = role.split("+") if place in PLACES else [place]
        for word in words:
            if word.strip() not in known and not (open_table and place not in PLACES):
                raise UsageError(
                    f"{laid_as({place: role})}: {word.strip()!r} is not a column of {table}",
                    remedy=did_you_mean(word, known),
                )
    places: dict[str, str] = {}
    for place, roles in layout.items():
        for word in (w.strip() for w in roles.split("+")) if place in PLACES else [place]:
            first = places.setdefault(word, place)
            if first != place and word != VALUES:
                others = {p: r for p, r in layout.items() if p != place}
                raise UsageError(
                    f"{laid_as({first: layout[first], place: roles})}: {word} is named in both {first} and {place}",
                    remedy=f"name it once, as {laid_as(others)}",
                )


def resolve(
    path: Path,
    sheets: Sequence[tuple[str, Block]],
    table: str,
    columns: Mapping[str, str],
    layout: Mapping[str, str],
    *,
    title: str = "",
) -> Roles:
    """Decide the role of every part of the blocks, which all have the same layout.

    ``sheets``: pairs of a sheet's name and its block. ``title``: the text above the table. Raises `UnclearLayout`.
    """
    schema, block = TABLES[table], sheets[0][1]
    names = tuple(dict.fromkeys(name for name, _ in sheets))
    given = {role for place, role in layout.items() if place == "files"} | {k for k in layout if k not in PLACES}
    periods = any(h.period for h in block.heads)
    named = [s.name for s in block.stubs if not has_no_heading(s.name)]
    known = rename(named, {o: n for o, n in columns.items() if o in named}, table)[0]
    codes = _codes_of_names(block.stubs)
    beside_years = periods or "year" in known.values()
    parts = [_stub(s, table, columns, known.get(s.name, ""), beside_years=beside_years) for s in block.stubs]
    parts = [replace(p, how="code") if p.at in codes and not p.role else p for p in parts]
    parts += [_level(sheets, k, table, columns) for k in range(block.depth)]
    parts = _with_layout(_without_repeated_roles(parts), layout, periods=periods)
    have = {p.role for p in parts} | given | ({"year"} if periods else set())
    if layout.get("sheets"):
        parts.append(Part("sheets", 0, "", names, layout["sheets"], "told"))
        have.add(layout["sheets"])
    missing = [c for c in required(schema) if c not in have]
    if table == "covariates" and "industry" in have:
        missing = [c for c in missing if c != "region"]
    year = None
    if "year" in missing and len(names) > 1 and all(len(years_in(n)) == 1 for n in names):
        parts.append(Part("sheets", 0, "", names, "year", "labels"))
        missing.remove("year")
    elif "year" in missing and (year := _period_named(schema, title, names[0], path.stem)):
        missing.remove("year")
    if "region" in missing and _by_labels(names, table) == "region":
        parts.append(Part("sheets", 0, "", names, "region", "labels"))
        missing.remove("region")
    parts, missing = _eliminated(parts, missing, schema, names)
    measure = _measure(parts, schema, layout)
    if missing or not measure:
        raise _unclear(path, parts, missing, names, schema, periods=periods, measure=bool(measure))
    return Roles(tuple(parts), measure, *(year or ()))


def _period_named(schema: Schema, *texts: str) -> tuple[str, str] | None:
    """Return the period of the first text that names exactly one, and that text; the last text is the file's name."""
    monthly = any(c.name == "month" for c in schema.columns)
    if named := year_named(*texts):
        year, text = named
        month = month_beside(text, year) if monthly else None
        return (f"{year}-{month:02d}" if month else str(year)), text
    short = period_in_name(texts[-1])
    return (short if monthly else short[:4], texts[-1]) if short else None


def _codes_of_names(stubs: Sequence[Stub]) -> set[int]:
    """Return the positions of stubs that repeat the names in another stub: as codes, or in another language.

    The entries of both stubs correspond one to one, and each has at least two different ones (names in another
    language: `SEVERAL`, each of them several times).
    """
    texts_of_stub = {s.at: [text_of(c) for c in s.said] for s in stubs}
    names = [texts for texts in texts_of_stub.values() if all(re.search(r"[^\W\d_]{2}", text) for text in texts)]
    return _other_languages(texts_of_stub) | {
        at
        for at, texts in texts_of_stub.items()
        if all(re.fullmatch(r"[\d.\-/ ]+", text) for text in texts)
        and any(
            len(set(zip(texts, texts_of_names, strict=False))) == len(set(texts_of_names)) == len(set(texts)) > 1
            for texts_of_names in names
        )
    }


def _other_languages(texts_of_stub: Mapping[int, Sequence[str]]) -> set[int]:
    """Return the positions of stubs with the names of an earlier stub in another language, one to one."""
    named = [
        (at, texts)
        for at, texts in texts_of_stub.items()
        if sum(bool(re.search(r"[^\W\d_]{2}", text)) for text in texts) >= MOST * len(texts)
    ]
    again = set[int]()
    for (_, first), (at, later) in combinations(named, 2):
        pairs = set(zip(first, later, strict=False))
        once = len(pairs) == len(set(first)) == len(set(later)) >= SEVERAL
        if once and len(first) == len(later) >= 2 * len(pairs):
            again.add(at)
    return again


def _without_repeated_roles(parts: Sequence[Part]) -> list[Part]:
    """Remove a role that was found only from labels, if another part has the same role."""
    sure = {p.role for p in parts if p.how in ("told", "heading")}
    by_labels = [p.role for p in parts if p.how == "labels"]
    return [
        replace(p, role="", how="") if p.how == "labels" and (p.role in sure or by_labels.count(p.role) > 1) else p
        for p in parts
    ]


def _stub(stub: Stub, table: str, columns: Mapping[str, str], known: str, *, beside_years: bool) -> Part:
    """Find the role of a column next to the values.

    ``known``: the column that its heading means, found by comparing all headings. ``beside_years``: whether another
    part gives the years.
    """
    labels = tuple(dict.fromkeys(text_of(c) for c in stub.said))
    names = tuple(map(bare, labels))
    if stub.name in columns:
        return Part("rows", stub.at, stub.name, labels, columns[stub.name], "told")
    canonical = {c.name for c in TABLES[table].columns}
    if known == "period" or (known in PARTS_OF_YEARS and are_periods(labels) and not beside_years):
        known = "year"  # its cells are read as periods
    if known in canonical and known not in columns.values():
        return Part("rows", stub.at, stub.name, labels, known, "heading")
    role = _by_labels(names, table)
    return Part("rows", stub.at, stub.name, labels, role, "labels" if role else "")


def _level(sheets: Sequence[tuple[str, Block]], k: int, table: str, columns: Mapping[str, str]) -> Part:
    """Find the role of a level of headings: values if a label is a column of values, else what the labels prove."""
    labels = tuple(dict.fromkeys(label for _, block in sheets for label in block.level(k) if label))
    schema = TABLES[table]
    kept = rename(list(labels), {o: n for o, n in columns.items() if o in labels}, table)[0]
    values = {c.name for c in schema.columns if c.name not in schema.key}
    if any(new in values for new in kept.values()) or any(label in columns for label in labels):
        return Part("columns", k, "", labels, VALUES, "heading")
    monthly = roman_months(labels) and any(c.name == "month" for c in schema.columns)  # XII 2010, XII 2011
    role = "month" if monthly else _by_labels(labels, table)
    return Part("columns", k, "", labels, role, "labels" if role else "")


def _by_labels(labels: Sequence[str], table: str) -> str:
    """Return the role that labels prove; an empty text if they prove none.

    Month, year and region (names of one country) are tested first, then region or commodity by a majority of known
    names.
    """
    keys = TABLES[table].key
    tests: dict[str, Callable[[str], object]] = {"region": province_of, "commodity": is_good}
    if "year" in keys and len(labels) > 1 and (all(months_among(labels)) or are_months(labels)):
        return "month"
    if "year" in keys and len(labels) > 1 and (are_years(labels) or are_periods(labels)):
        return "year"
    if "region" in keys and len(labels) > 1 and (geography_of(labels) is not None or _are_regions(labels)):
        return "region"
    for role, known in tests.items():
        if role in keys and len(labels) > 1 and sum(_in_a_language(label, known) for label in labels) * 2 > len(labels):
            return role
    return ""


def _in_a_language(label: str, known: Callable[[str], object]) -> bool:
    """Return whether a name is known, or one of its parts if it is written in two languages (``Освіта/ Education``)."""
    return any(known(part.strip()) for part in (label, *label.split("/")))


def _are_regions(labels: Sequence[str]) -> bool:
    """Return whether most of several names are regions of one country.

    The other names may be the nation itself, or regions of earlier or later years.
    """
    countries = candidates(labels)
    return bool(countries) and countries[0].of >= SEVERAL and countries[0].known >= MOST * countries[0].of


def _with_layout(parts: Sequence[Part], layout: Mapping[str, str], *, periods: bool) -> list[Part]:
    """Assign the roles that ``layout`` gives to stubs and levels, in their order; roles from ``columns`` are kept."""
    updated = list(parts)
    for place in ("rows", "columns"):
        if place not in layout:
            continue
        words = [w.strip() for w in layout[place].split("+")]
        if place == "columns" and periods:
            months = any(p.place == place and (are_months(p.labels) or may_be_quarters(p.labels)) for p in updated)
            words = [w for w in words if w not in TIME or (w == "month" and months)]
        free = [n for n, p in enumerate(updated) if p.place == place and p.how != "told"]
        named = [n for n in free if updated[n].role and updated[n].role in words]
        for n in named:
            words.remove(updated[n].role)
        free = sorted((n for n in free if n not in named), key=lambda n: updated[n].how == "code")
        for n, word in zip(free, words, strict=False):
            updated[n] = Part(place, updated[n].at, updated[n].name, updated[n].labels, word, "told")
        if len(words) > len(free):
            absent = words[len(free) :]
            others = "+".join(w for w in map(str.strip, layout[place].split("+")) if w not in absent)
            raise UsageError(
                f"{laid_as({place: layout[place]})}: no part of the table could be {absent[0]}",
                example="; ".join(f"{p.name or 'headings'} ({_few(p.labels)}): {p.role or 'unknown'}" for p in updated),
                remedy=laid_as({place: others}) if others else f"leave {place} out of {option('layout')}",
            )
    for p in updated:
        if p.place == "columns" and p.how == "told" and p.role in TIME:
            _require_times(p)
    return updated


def _require_times(part: Part) -> None:
    """Raise `UsageError` if the user declares headings as years or months and none of them is one."""
    is_one = readings if part.role == "year" else _is_month
    if not any(map(is_one, part.labels)):
        written = "2010, 2010-01 or 2010Q1" if part.role == "year" else "M01 to M12"
        raise UsageError(
            f"{laid_as({'columns': part.role})}: no heading is a {part.role}",
            example=", ".join(part.labels[:6]),
            remedy=f"write the headings in the file as {written}, or state what else they are in {option('layout')}",
        )


def _is_month(label: str) -> bool:
    return bool(month_of(label) or numeral(label) or months_named(label) or readings(label))


def _eliminated(
    parts: list[Part], missing: list[str], schema: Schema, sheets: Sequence[str]
) -> tuple[list[Part], list[str]]:
    """Assign the one missing column to the one part without a role; without such a part, to the sheets.

    If no column is missing, the one level without a role holds values.
    """
    stubs = [n for n, p in enumerate(parts) if p.place == "rows" and _is_open(p)]
    levels = [n for n, p in enumerate(parts) if p.place == "columns" and not p.role]
    if missing and any(is_variable(label) for n in levels for label in parts[n].labels):
        return parts, missing
    if len(missing) == 1 and len(stubs) + len(levels) == 1:
        n = (stubs + levels)[0]
        parts[n] = _with(parts[n], missing[0])
        return parts, []
    if not missing and len(levels) == 1 and any(c.name == "month" for c in schema.columns):
        _refuse_parts_of_years(parts[levels[0]].labels)
    if not missing and len(levels) == 1:
        parts[levels[0]] = _with(parts[levels[0]], VALUES)
        return parts, []
    values = [c.name for c in schema.columns if c.name not in schema.key]
    free = not any(p.place == "sheets" for p in parts)
    if len(missing) == 1 and not stubs and not levels and len(sheets) > 1 and missing[0] not in values and free:
        return [*parts, Part("sheets", 0, "", tuple(sheets), missing[0], "elimination")], []
    return parts, missing


def _refuse_parts_of_years(labels: Sequence[str]) -> None:
    """Refuse Roman numerals in columns that may be quarters, and parts of years (I-III) of different lengths."""
    if may_be_quarters(labels):
        raise AmbiguousDate(
            f"the headings {', '.join(labels)} may be months or quarters, because none is above IV",
            example=f"{labels[0]} is {MONTH_OR_QUARTER[(numeral(labels[0]) or 1) - 1]}",
            remedy=f"for months {laid_as({'columns': 'month'})}; for quarters write Q1 to Q4 in the file",
        )
    spans = [label for label in labels if (ends := _SPAN.fullmatch(label.strip())) and all(map(numeral, ends.groups()))]
    month = next((label for label in labels if numeral(label)), None)
    if spans and month:
        raise NotADate(
            "the headings have parts of years of several lengths",
            example=f"{month} (a month); {spans[0]} (several months)",
            remedy="keep the columns of one length in the file",
        )


MONTH_OR_QUARTER = (
    "January or the first quarter",
    "February or the second quarter",
    "March or the third quarter",
    "April or the fourth quarter",
)
_SPAN = re.compile(r"([IVXivx]+)\.? ?[-\u2010-\u2015] ?([IVXivx]+)\.?")


def _is_open(part: Part) -> bool:
    """Return whether a stub may be a column that no other part gives.

    An open stub has no role, is not a code, and has several labels.
    """
    return not part.role and part.how != "code" and len(part.labels) > 1


def is_variable(label: str) -> bool:
    """Return whether a heading names a variable (GDP, assets, segmentation) and not a region, good or industry."""
    return label in MEASURED or (key_of(label) in _variables() and canonical_good(label) is None)


@cache
def _variables() -> frozenset[str]:
    numbers = {c.name for schema in TABLES.values() for c in schema.columns if c.kind == "number"}
    words = (word for key, headings in vocabulary().items() if key not in NAMES for word in (key, *headings))
    return frozenset(map(key_of, numbers)) | frozenset(map(key_of, words))


def _with(part: Part, role: str) -> Part:
    return Part(part.place, part.at, part.name, part.labels, role, "elimination")


def _measure(parts: Sequence[Part], schema: Schema, layout: Mapping[str, str]) -> str:
    """Return what the values are: ``values`` if a level names them, else the user's name or the one required number."""
    if any(p.role == VALUES for p in parts) or "values" in layout.values():
        return VALUES
    if VALUES in layout:
        return layout[VALUES]
    numbers = [c.name for c in schema.columns if c.required and c.kind == "number" and c.name not in schema.key]
    return numbers[0] if len(numbers) == 1 else ""


def _unclear(
    path: Path,
    parts: Sequence[Part],
    missing: Sequence[str],
    sheets: Sequence[str],
    schema: Schema,
    *,
    periods: bool,
    measure: bool,
) -> UnclearLayout:
    """Build the error with the parts found, the columns that are missing, and the options that decide."""
    rows, levels = ([p for p in parts if p.place == place] for place in ("rows", "columns"))
    findings = [
        f"column {p.name!r} ({_few(p.labels)}): {p.role or ('codes of the names' if p.how == 'code' else 'unknown')}"
        for p in rows
    ]
    findings += [f"headings ({_few(p.labels)}): {p.role or 'unknown'}" for p in levels]
    findings += ["periods across: year"] if periods else []
    named = next((p.role for p in parts if p.place == "sheets"), "")
    findings += [f"sheets ({_few(sheets)}): {named or 'unknown'}"] if len(sheets) > 1 else []
    wanted, tell = sorted(missing, key="year".__eq__), dict[str, str]()  # labels that are not periods are not years
    none_is_year = not any(readings(label) for p in parts if not p.role for label in p.labels)
    told_once = ["year"] if "year" in wanted and none_is_year else []
    wanted = [once for once in wanted if once not in told_once]
    for place in ("rows", "columns"):
        free = [p for p in parts if p.place == place and (_is_open(p) or (place == "columns" and not p.role))]
        taken, wanted = wanted[: len(free)], wanted[len(free) :]
        roles_given = [p.role for p in parts if p.place == place == "columns" and p.role]
        tell |= {place: "+".join([*roles_given, *taken])} if taken else {}
    if wanted and len(sheets) > 1 and not named:
        tell["sheets"] = wanted.pop(0)
    tell |= {"files": wanted.pop(0)} if wanted and wanted[0] != "year" else {}  # a year there would have been read
    tell |= dict.fromkeys([*told_once, *wanted], "NAME")
    if not measure:
        numbers = [c.name for c in schema.columns if c.kind == "number" and c.name not in schema.key]
        tell[VALUES] = numbers[0] if numbers else "NAME"
    lacks = [*missing, *([] if measure else ["what the values are"])]
    once = {lacks[0]: "NAME"} if missing else tell
    either = laid_as(tell) + (f" or, the other way round, {laid_as(_turned(tell))}" if _turned(tell) else "")
    return UnclearLayout(
        f"the layout of {path.name} does not show {' and '.join(lacks)} of {schema.name}",
        where=str(path),
        example="; ".join(findings),
        remedy=f"if this is correct, give: {either}"
        + (f"; one value for all: {laid_as(once)}" if once != tell else ""),
    )


def _turned(tell: Mapping[str, str]) -> Mapping[str, str]:
    """Exchange the names of rows and columns in a layout that has one name for each.

    Returns an empty mapping for any other layout.
    """
    both = {place: tell[place] for place in ("rows", "columns") if place in tell}
    if len(both) < 2 or any("+" in role or role in TIME for role in both.values()):
        return {}
    return {**tell, "rows": tell["columns"], "columns": tell["rows"]}


def _few(labels: Sequence[str]) -> str:
    return ", ".join(labels[:3]) + (", ..." if len(labels) > 3 else "")
