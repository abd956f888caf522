"""What the levels of headings, the columns beside them, the sheets and the files of a layout stand for.

Told first (``layout``, ``columns``), then by headings that are known, then by what the labels are (provinces, goods
with a known name), then by elimination: one part without a role and one column of the table that nothing gives. Where
more than that is open, nothing is guessed: `UnclearLayout` names the parts and how to tell them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from integrade.errors import AmbiguousDate, NotADate, UnclearLayout, UsageError, did_you_mean, laid_as, option
from integrade.geography import candidates, geography_of, province_of
from integrade.records.schema import TABLES, Schema
from integrade.sources.basis.words import year_named
from integrade.sources.cells.grid import text_of
from integrade.sources.layout.layouts import Block, Stub, are_periods, are_years, has_no_heading, months_among
from integrade.sources.meaning.goods import canonical_good
from integrade.sources.meaning.periods import month_of, readings
from integrade.sources.meaning.statistical_words import years_in
from integrade.sources.meaning.synonyms import key_of, rename, vocabulary
from integrade.wording.months import are_months, may_be_quarters, months_named, numeral, roman_months

PLACES = ("rows", "columns", "sheets", "files")
"""Where a layout may keep a column of the table; any other key of ``layout`` is a column, and gives its one value."""
VALUES = "values"
"""The role of a level whose labels are columns of the table: index and weight, assets and sales."""
TIME = ("year", "month")
PARTS_OF_YEARS = ("month", "quarter")
NAMES = ("region", "place", "good", "price_index", "industry", *(f"h{i}" for i in range(1, 10)))
"""Keys of the vocabulary whose words may be names themselves."""
MEASURED = ("integration", "segmentation", "quality")
"""What the results of integrade are called."""
SEVERAL, MOST = 5, 0.8
"""Names, and their share that one country has as regions, from which all are taken for regions."""
KEYS_OF: Mapping[str, tuple[str, ...]] = {"covariates": ("region", "year")}
"""The keys that rows must have where the schema leaves them open."""


@dataclass(frozen=True)
class Part:
    """A level, a stub or the names of the sheets: what it is called in a message, its labels, its role so far.

    ``at``: the position of a stub or of a level; ``how``: told, heading, labels or elimination, or code: the codes of
    the names in another stub, which are nothing else.
    """

    place: str
    at: int
    name: str
    labels: tuple[str, ...]
    role: str = ""
    how: str = ""


@dataclass(frozen=True)
class Roles:
    """The parts with their roles, the one measure, and a year that stands once, with the text that names it."""

    parts: tuple[Part, ...]
    measure: str
    year: int | None = None
    year_in: str = ""

    def of(self, place: str) -> list[Part]:
        """The parts of one place, in their order."""
        return [p for p in self.parts if p.place == place]


def required(schema: Schema) -> list[str]:
    """The columns of the key that every row must have."""
    keys = KEYS_OF.get(schema.name)
    return list(keys) if keys else [c.name for c in schema.columns if c.required and c.name in schema.key]


def check_layout(layout: Mapping[str, str], table: str) -> None:
    """Refuse a place or a column that does not exist. Raises `UsageError`."""
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
    _refuse_twice(layout)


def _refuse_twice(layout: Mapping[str, str]) -> None:
    """Raise `UsageError` for a column that stands in two places."""
    places: dict[str, str] = {}
    for place, roles in layout.items():
        for word in (w.strip() for w in roles.split("+")) if place in PLACES else [place]:
            first = places.setdefault(word, place)
            if first != place and word != VALUES:
                others = {p: r for p, r in layout.items() if p != place}
                raise UsageError(
                    f"{laid_as({first: layout[first], place: roles})}: {word} stands in {first} and in {place}",
                    remedy=f"say where it is once, as {laid_as(others)}",
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
    """The role of every part of the blocks, which are laid out alike.

    ``sheets`` are the names of their sheets with the blocks; ``title`` is what stands above. Raises `UnclearLayout`.
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
    parts = _told(_once(parts), layout, periods=periods)
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
    elif "year" in missing and (year := year_named(title, names[0], path.stem)):
        missing.remove("year")
    if "region" in missing and _by_labels(names, table) == "region":
        parts.append(Part("sheets", 0, "", names, "region", "labels"))
        missing.remove("region")
    parts, missing = _eliminated(parts, missing, schema, names)
    measure = _measure(parts, schema, layout)
    if missing or not measure:
        raise _unclear(path, parts, missing, names, schema, periods=periods, measure=bool(measure))
    return Roles(tuple(parts), measure, *(year or ()))


def _codes_of_names(stubs: Sequence[Stub]) -> set[int]:
    """Where stubs of figures stand that go one to one with the names of another stub, several of each."""
    found = {s.at: [text_of(c) for c in s.said] for s in stubs}
    names = [said for said in found.values() if all(re.search(r"[^\W\d_]{2}", text) for text in said)]
    return {
        at
        for at, said in found.items()
        if all(re.fullmatch(r"[\d.\-/ ]+", text) for text in said)
        and any(len(set(zip(said, own, strict=False))) == len(set(own)) == len(set(said)) > 1 for own in names)
    }


def _once(parts: Sequence[Part]) -> list[Part]:
    """Roles that labels alone tell, where nothing else has them."""
    sure = {p.role for p in parts if p.how in ("told", "heading")}
    by_labels = [p.role for p in parts if p.how == "labels"]
    return [
        replace(p, role="", how="") if p.how == "labels" and (p.role in sure or by_labels.count(p.role) > 1) else p
        for p in parts
    ]


def _stub(stub: Stub, table: str, columns: Mapping[str, str], known: str, *, beside_years: bool) -> Part:
    """A column beside the values; ``known``: what its heading is among all of them, of which one may be of years."""
    labels = tuple(dict.fromkeys(text_of(c) for c in stub.said))
    if stub.name in columns:
        return Part("rows", stub.at, stub.name, labels, columns[stub.name], "told")
    canonical = {c.name for c in TABLES[table].columns}
    if known == "period" or (known in PARTS_OF_YEARS and are_periods(labels) and not beside_years):
        known = "year"  # whose cells are read as periods
    if known in canonical and known not in columns.values():
        return Part("rows", stub.at, stub.name, labels, known, "heading")
    role = _by_labels(labels, table)
    return Part("rows", stub.at, stub.name, labels, role, "labels" if role else "")


def _level(sheets: Sequence[tuple[str, Block]], k: int, table: str, columns: Mapping[str, str]) -> Part:
    labels = tuple(dict.fromkeys(label for _, block in sheets for label in block.level(k) if label))
    schema = TABLES[table]
    kept = rename(list(labels), {o: n for o, n in columns.items() if o in labels}, table)[0]
    own = {c.name for c in schema.columns if c.name not in schema.key}
    if any(new in own for new in kept.values()) or any(label in columns for label in labels):
        return Part("columns", k, "", labels, VALUES, "heading")
    monthly = roman_months(labels) and any(c.name == "month" for c in schema.columns)  # XII 2010, XII 2011
    role = "month" if monthly else _by_labels(labels, table)
    return Part("columns", k, "", labels, role, "labels" if role else "")


def _by_labels(labels: Sequence[str], table: str) -> str:
    """What the labels are certain to be: months, regions of one country, and most of them provinces or known goods."""
    keys = TABLES[table].key
    tests: dict[str, Callable[[str], object]] = {"region": province_of, "commodity": canonical_good}
    if "year" in keys and len(labels) > 1 and (all(months_among(labels)) or are_months(labels)):
        return "month"
    if "year" in keys and len(labels) > 1 and (are_years(labels) or are_periods(labels)):
        return "year"
    if "region" in keys and len(labels) > 1 and (geography_of(labels) is not None or _are_regions(labels)):
        return "region"
    for role, known in tests.items():
        if role in keys and len(labels) > 1 and sum(bool(known(label)) for label in labels) * 2 > len(labels):
            return role
    return ""


def _are_regions(labels: Sequence[str]) -> bool:
    """Whether most of several names are regions of one country: others are a nation, or regions of other years."""
    found = candidates(labels)
    return bool(found) and found[0].of >= SEVERAL and found[0].known >= MOST * found[0].of


def _told(parts: Sequence[Part], layout: Mapping[str, str], *, periods: bool) -> list[Part]:
    """The roles that ``layout`` gives to stubs and levels, in their order; those told by ``columns`` stay."""
    found = list(parts)
    for place in ("rows", "columns"):
        if place not in layout:
            continue
        words = [w.strip() for w in layout[place].split("+")]
        if place == "columns" and periods:
            months = any(p.place == place and (are_months(p.labels) or may_be_quarters(p.labels)) for p in found)
            words = [w for w in words if w not in TIME or (w == "month" and months)]
        free = [n for n, p in enumerate(found) if p.place == place and p.how != "told"]
        named = [n for n in free if found[n].role and found[n].role in words]
        for n in named:
            words.remove(found[n].role)
        free = sorted((n for n in free if n not in named), key=lambda n: found[n].how == "code")
        for n, word in zip(free, words, strict=False):
            found[n] = Part(place, found[n].at, found[n].name, found[n].labels, word, "told")
        if len(words) > len(free):
            absent = words[len(free) :]
            others = "+".join(w for w in map(str.strip, layout[place].split("+")) if w not in absent)
            raise UsageError(
                f"{laid_as({place: layout[place]})}: there is nothing that could be {absent[0]}",
                example="; ".join(f"{p.name or 'headings'} ({_few(p.labels)}): {p.role or 'unknown'}" for p in found),
                remedy=laid_as({place: others}) if others else f"leave {place} out of {option('layout')}",
            )
    for p in found:
        if p.place == "columns" and p.how == "told" and p.role in TIME:
            _require_times(p)
    return found


def _require_times(part: Part) -> None:
    """Raise `UsageError` for headings across that are told to be years or months, of which none is one."""
    is_one = readings if part.role == "year" else _is_month
    if not any(map(is_one, part.labels)):
        written = "2010, 2010-01 or 2010Q1" if part.role == "year" else "M01 to M12"
        raise UsageError(
            f"{laid_as({'columns': part.role})}: none of the headings is a {part.role}",
            example=", ".join(part.labels[:6]),
            remedy=f"write the headings in the file as {written}, or say what else they are in {option('layout')}",
        )


def _is_month(label: str) -> bool:
    return bool(month_of(label) or numeral(label) or months_named(label) or readings(label))


def _eliminated(
    parts: list[Part], missing: list[str], schema: Schema, sheets: Sequence[str]
) -> tuple[list[Part], list[str]]:
    """The one part without a role is the one column that lacks; else several sheets are."""
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
    own = [c.name for c in schema.columns if c.name not in schema.key]
    free = not any(p.place == "sheets" for p in parts)
    if len(missing) == 1 and not stubs and not levels and len(sheets) > 1 and missing[0] not in own and free:
        return [*parts, Part("sheets", 0, "", tuple(sheets), missing[0], "elimination")], []
    return parts, missing


def _refuse_parts_of_years(labels: Sequence[str]) -> None:
    """Refuse Roman numerals across that may be quarters, and parts of years (I-III) of several lengths."""
    if may_be_quarters(labels):
        raise AmbiguousDate(
            f"the headings {', '.join(labels)} may be months or quarters: none is beyond IV",
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
    """Whether a stub may be a column that nothing gives: one without a role that says several things of its own."""
    return not part.role and part.how != "code" and len(part.labels) > 1


def is_variable(label: str) -> bool:
    """Whether a heading is that of a variable (GDP, assets, segmentation) and no name of a region, good or industry."""
    return label in MEASURED or (key_of(label) in _variables() and canonical_good(label) is None)


@cache
def _variables() -> frozenset[str]:
    own = {c.name for schema in TABLES.values() for c in schema.columns if c.kind == "number"}
    words = (word for key, found in vocabulary().items() if key not in NAMES for word in (key, *found))
    return frozenset(map(key_of, own)) | frozenset(map(key_of, words))


def _with(part: Part, role: str) -> Part:
    return Part(part.place, part.at, part.name, part.labels, role, "elimination")


def _measure(parts: Sequence[Part], schema: Schema, layout: Mapping[str, str]) -> str:
    """What the values are: the labels of a level (``values``), what is told, or the one number that the table needs."""
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
    """What was found, what is open and the options that tell it."""
    rows, levels = ([p for p in parts if p.place == place] for place in ("rows", "columns"))
    said = [
        f"column {p.name!r} ({_few(p.labels)}): {p.role or ('codes of the names' if p.how == 'code' else 'unknown')}"
        for p in rows
    ]
    said += [f"headings ({_few(p.labels)}): {p.role or 'unknown'}" for p in levels]
    said += ["periods across: year"] if periods else []
    named = next((p.role for p in parts if p.place == "sheets"), "")
    said += [f"sheets ({_few(sheets)}): {named or 'unknown'}"] if len(sheets) > 1 else []
    wanted, tell = sorted(missing, key="year".__eq__), dict[str, str]()  # labels that are no periods are no years
    none_is_year = not any(readings(label) for p in parts if not p.role for label in p.labels)
    told_once = ["year"] if "year" in wanted and none_is_year else []
    wanted = [one for one in wanted if one not in told_once]
    for place in ("rows", "columns"):
        free = [p for p in parts if p.place == place and (_is_open(p) or (place == "columns" and not p.role))]
        taken, wanted = wanted[: len(free)], wanted[len(free) :]
        told = [p.role for p in parts if p.place == place == "columns" and p.role]
        tell |= {place: "+".join([*told, *taken])} if taken else {}
    if wanted and len(sheets) > 1 and not named:
        tell["sheets"] = wanted.pop(0)
    tell |= {"files": wanted.pop(0)} if wanted and wanted[0] != "year" else {}  # the name has no year, or it were read
    tell |= dict.fromkeys([*told_once, *wanted], "NAME")
    if not measure:
        own = [c.name for c in schema.columns if c.kind == "number" and c.name not in schema.key]
        tell[VALUES] = own[0] if own else "NAME"
    lacks = [*missing, *([] if measure else ["what the values are"])]
    one = {lacks[0]: "NAME"} if missing else tell
    either = laid_as(tell) + (f" or, the other way round, {laid_as(_turned(tell))}" if _turned(tell) else "")
    return UnclearLayout(
        f"the layout of {path.name} does not show {' and '.join(lacks)} of {schema.name}",
        where=str(path),
        example="; ".join(said),
        remedy=f"if this is correct, give: {either}" + (f"; one value for all: {laid_as(one)}" if one != tell else ""),
    )


def _turned(tell: Mapping[str, str]) -> Mapping[str, str]:
    """A layout of one name in rows and one in columns the other way round; empty for any other."""
    if set(tell) != {"rows", "columns"} or any("+" in role or role in TIME for role in tell.values()):
        return {}
    return {"rows": tell["columns"], "columns": tell["rows"]}


def _few(labels: Sequence[str]) -> str:
    return ", ".join(labels[:3]) + (", ..." if len(labels) > 3 else "")
