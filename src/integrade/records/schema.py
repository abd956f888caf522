"""Define the canonical tables and check user tables against them.

Every column has one definition (type, unit, range). `conform` checks a table once, and later steps do not check it
again. A table that cannot be used is refused with an `IntegradeError`. Rows that are left out are counted by reason.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import narwhals as nw

from integrade.engine.frames import Frame, Table, account_of, collect, enter
from integrade.errors import (
    CodesReadAsNumbers,
    DuplicateKeys,
    EmptyTable,
    IntegradeError,
    MissingColumn,
    NotANumber,
    OutOfRange,
    Problems,
    counted,
    did_you_mean,
    mapped_as,
    option,
    padding,
)
from integrade.records.cells import MISSING_WORDS as MISSING_WORDS
from integrade.records.cells import NUMBER as NUMBER
from integrade.records.cells import check_codes, first_row
from integrade.wording.months import are_months
from plainwords.account import Account, Entry, keep_for_errors
from plainwords.texts import Said, is_message, listed, say

Kind = Literal["text", "integer", "number"]


@dataclass(frozen=True)
class Column:
    """Type, unit, meaning and range of one column.

    ``low`` and ``high`` bound the value. ``positive`` refuses zero and negative numbers.
    ``bad`` is the treatment of a value outside this range: drop the row and count it, or refuse the table.
    ``code`` marks text whose leading zeros matter, such as HS codes.
    ``gaps`` keeps rows whose value is missing in a required column.
    """

    name: str
    kind: Kind
    unit: str
    about: str
    required: bool = True
    low: float | None = None
    high: float | None = None
    positive: bool = False
    bad: Literal["drop", "error"] = "drop"
    code: bool = False
    gaps: bool = False


@dataclass(frozen=True)
class Schema:
    """Key and columns of a canonical table, with the treatment of other columns and of repeated keys.

    ``keep_other`` keeps columns that the schema does not list. A table needs at least one column of ``some_of``.
    ``repeated``: refuse a table with several rows per key, or accept it and sum or keep these rows.
    ``by_chapter``: list dropped rows by HS chapter and year.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    keep_other: bool = False
    repeated: Literal["refuse", "sum", "keep"] = "refuse"
    some_of: tuple[str, ...] = ()
    by_chapter: bool = False


@dataclass(frozen=True)
class Conformed:
    """A validated table: canonical names and types, no unusable rows, and the account of what was read and dropped."""

    frame: Frame
    account: Account
    columns: tuple[str, ...] = field(default=())


INDUSTRIES = "industries"
"""The report label that names the classification of the industry codes."""
FOLLOWED = "firms"
"""The report label for the units that a panel follows, in the plural.

Example: ``[report] labels = { firms = "municipalities" }``.
"""
YEAR = Column("year", "integer", "year", "calendar or fiscal year", low=1900, high=2100, bad="error")
REGION = Column("region", "text", "name", "province, state, city or other unit of the index")


def _number(name: str, unit: str, about: str, **more: Any) -> Column:
    return Column(name, "number", unit, about, required=False, **more)


def _text(name: str, about: str, **more: Any) -> Column:
    return Column(name, "text", "text", about, required=False, **more)


REGISTERED = (
    _text("name", "firm name"),
    _text("postcode", "postcode"),
    _text("phone", "telephone"),
    _text("contact", "contact person"),
    _text("legal_person", "legal representative"),
    _text("county", "county, six digits"),
    _text("product", "main product"),
)
"""Columns that identify a firm in another year or in another register."""

TABLES: Mapping[str, Schema] = {
    s.name: s
    for s in (
        Schema(
            "prices",
            ("region", "year", "month", "commodity"),
            (
                REGION,
                YEAR,
                Column("month", "integer", "month", "calendar month", required=False, low=1, high=12, bad="error"),
                Column("commodity", "text", "name", "good or group of goods"),
                _text("goods_list", "years of one list"),
                Column(
                    "index",
                    "number",
                    "index points or currency",
                    "price index or price level",
                    positive=True,
                    bad="error",
                ),
            ),
        ),
        Schema(
            "flows",
            ("origin", "destination", "year"),
            (
                Column("origin", "text", "name", "region that sells"),
                Column("destination", "text", "name", "region that buys; the origin itself for internal flows"),
                YEAR,
                Column("value", "number", "currency", "value of the flow", low=0),
                _number("distance", "km", "distance; within a region the internal distance", positive=True),
            ),
            keep_other=True,
        ),
        Schema(
            "output",
            ("region", "industry", "year"),
            (
                REGION,
                Column("industry", "text", "code", "industry", code=True),
                YEAR,
                _number("value", "currency", "output", low=0),
                _number("employment", "persons", "employment", low=0),
                _number("capital", "currency", "capital stock", low=0),
                _number("plants", "plants", "plants", low=0),
                _number(
                    "size_squared", "persons or currency, squared", "squared plant size, summed over plants", low=0
                ),
            ),
            some_of=("value", "employment"),
        ),
        Schema(
            "gdp",
            ("region", "year"),
            (
                REGION,
                YEAR,
                Column("real_gdp", "number", "currency, constant prices", "real GDP", positive=True),
                _number("price", "currency or index points", "price level or wage", positive=True),
                _number("area", "square km", "land area", positive=True),
            ),
            keep_other=True,
        ),
        Schema(
            "survey",
            ("respondent", "region", "year", "item"),
            (
                Column("respondent", "text", "id", "who answers"),
                REGION,
                YEAR,
                Column("item", "text", "id", "question"),
                Column("score", "number", "points of the scale", "answer; missing when not answered", gaps=True),
                _number("weight", "respondents", "sampling weight", positive=True),
            ),
            keep_other=True,
        ),
        Schema(
            "customs",
            ("firm", "product", "variety", "destination", "year", "month", "unit", "regime", "currency"),
            (
                _text("firm", "exporting firm"),
                Column("product", "text", "HS code", "product code", code=True),
                _text("variety", "finer good within the product, where there is no firm"),
                Column("destination", "text", "country", "destination market"),
                YEAR,
                Column("month", "integer", "month", "calendar month", required=False, low=1, high=12, bad="error"),
                _text("unit", "unit of the quantity"),
                _text("regime", "customs regime (ordinary, processing ...)"),
                _text("currency", "currency of the value, where rows have several"),
                Column("value", "number", "currency", "export value, FOB", positive=True),
                Column("quantity", "number", "the row's unit", "quantity", positive=True),
            ),
            keep_other=True,
            repeated="sum",
            by_chapter=True,
        ),
        Schema(
            "firms",
            ("firm", "year"),
            (
                Column("firm", "text", "id", "firm"),
                YEAR,
                _text("region", "province of the firm"),
                _text("industry", "industry code", code=True),
                _text("ownership", "ownership class"),
                Column("founded", "integer", "year", "founding year", required=False),
                _number("assets", "currency", "total assets"),
                _number("liabilities", "currency", "total liabilities"),
                _number("net_profit", "currency", "net profit"),
                _number("inventory", "currency", "inventory"),
                *REGISTERED,
            ),
            keep_other=True,
        ),
        Schema(
            "registry",
            ("firm", "year"),
            (
                Column("firm", "text", "id", "firm code, which may repeat within a year or change hands"),
                YEAR,
                _text("region", "province of the firm"),
                _text("industry", "industry code", code=True),
                Column("founded", "integer", "year", "founding year", required=False),
                *REGISTERED,
            ),
            keep_other=True,
            repeated="keep",
        ),
        Schema(
            "exporters",
            ("firm", "year"),
            (
                Column("firm", "text", "id", "customs firm"),
                YEAR,
                _text("name", "firm name"),
                _text("postcode", "postcode"),
                _text("phone", "telephone"),
                _text("contact", "contact person"),
                _text("region", "province of the firm"),
                _number("value", "currency", "exports of the year", low=0),
            ),
            keep_other=True,
            repeated="keep",
        ),
        Schema(
            "links",
            ("customs_firm", "firm", "year"),
            (
                Column("customs_firm", "text", "id", "firm in the customs records"),
                Column("firm", "text", "id", "firm in the accounts"),
                YEAR,
                _text("rule", "what made the link"),
                _number("weight", "log2 odds", "match weight"),
            ),
            keep_other=True,
        ),
        Schema(
            "covariates",
            ("region", "industry", "year"),
            (
                Column("region", "text", "name", "region", required=False),
                Column("industry", "text", "code", "industry", required=False),
                YEAR,
            ),
            keep_other=True,
        ),
        Schema(
            "integration",
            ("region", "year", "month"),
            (
                REGION,
                YEAR,
                Column("month", "integer", "month", "calendar month", required=False),
                _number("segmentation", "variance of log points", "segmentation index"),
                Column("integration", "number", "by transform", "integration index"),
            ),
            keep_other=True,
        ),
        Schema(
            "quality",
            ("firm", "year"),
            (
                Column("firm", "text", "id", "firm"),
                YEAR,
                Column("quality", "number", "0..1 for minmax and rank", "standardised export quality"),
            ),
            keep_other=True,
        ),
        Schema("panel", ("firm", "year"), (Column("firm", "text", "id", "firm"), YEAR), keep_other=True),
    )
}


LARGEST = 1e18
"""The largest whole number that is kept; larger ones are set to it, which is outside every range.

The widest integer type that every engine has is 64 bits, which ends near 9.2e18. The round value below this end is a
convention.
"""


def conform(data: Any, table: str, *, pad: Mapping[str, int] | None = None) -> Conformed:
    """Validate a frame as a canonical table.

    Checks names, types, ranges and the key. Drops rows with a missing or impossible value and counts them by reason.
    Rows with the same key are refused, unless the schema accepts them (customs).
    All problems that can be found at once are raised together (`Problems`).
    ``pad`` restores leading zeros of numeric code columns: ``{"product": 6}``.
    The account of a `Table` is carried over. A `Table` that its reader has already conformed is not checked again.
    """
    schema = TABLES[table]
    frame = enter(data)
    if isinstance(data, Table) and data.conformed == table:
        return Conformed(frame, data.account, tuple(data.columns))
    present = dict(frame.collect_schema())
    require_columns(schema, present)
    columns = [c for c in schema.columns if c.name in present]
    refuse_nested({c.name: present[c.name] for c in columns}, table)
    numbers = [c.name for c in columns if c.kind != "text"]
    coded = [name for name in numbers if isinstance(present[name], nw.Categorical | nw.Enum)]
    frame = read = frame.with_columns(nw.col(coded).cast(nw.String)) if coded else frame
    present |= dict.fromkeys(coded, nw.String())
    for c in columns:
        refuse_numeric_code(c.name, present[c.name], pad or {}, table, frame)
        if c.kind != "text":
            refuse_times(c.name, present[c.name], table)
            refuse_truths(c.name, present[c.name], table)
    check_codes(frame, {c.name: c.name for c in columns if c.kind == "text"}, table, schema.key)
    odd = _odd_numbers(columns, present)
    further = _further_codes(schema, present, pad or {})
    changed = [_to_kind(c, present[c.name], (pad or {}).get(c.name, 0)) for c in (*columns, *further)]
    frame = frame.with_columns(*changed, *[oddity.test.alias(oddity.flag) for oddity in odd])
    if not schema.keep_other:
        frame = frame.select(*[c.name for c in columns], *[oddity.flag for oddity in odd])
    frame, account = _check_rows(read, frame, columns, present, schema, odd)
    if schema.repeated == "refuse":
        _refuse_repeated(frame, schema, [c.name for c in columns], read)
    names = tuple(frame.collect_schema().names())
    return Conformed(frame, account_of(data) + account, names)


def to_numbers(frame: Frame, names: Sequence[str], table: str) -> Frame:
    """Convert columns that the user chose to numbers; infinite or extreme numbers become missing.

    Raises `NotANumber` for text.
    """
    present = dict(frame.collect_schema())
    refuse_nested({name: present[name] for name in names}, table)
    for name in names:
        refuse_times(name, present[name], table)
        refuse_truths(name, present[name], table)
    columns = [Column(name, "number", "", "user column", required=False) for name in names]
    junk = [c for c in columns if present[c.name] == nw.String]
    if junk:
        _raise_junk(frame, junk, TABLES[table])
    return frame.with_columns(*[_to_kind(c, present[c.name], 0, any_size=True) for c in columns]) if columns else frame


def _further_codes(schema: Schema, present: Mapping[str, Any], pad: Mapping[str, int]) -> list[Column]:
    """Return the columns of codes that ``pad`` names and the schema does not, such as the industry of a panel.

    Raises `MissingColumn` with the nearest name if the table has no such column either.
    """
    if not schema.keep_other:
        return []
    names = [name for name in pad if all(c.name != name for c in schema.columns)]
    for name in names:
        if name not in present:
            raise MissingColumn(
                f"pad names {name!r}, which is not a column of {schema.name}", remedy=did_you_mean(name, present)
            )
    return [Column(name, "text", "code", "codes with their zeros restored", required=False) for name in names]


def require_columns(schema: Schema, present: Mapping[str, Any]) -> None:
    """Refuse a table that lacks a required column. Raises `MissingColumn`, or `Problems` if several are missing."""
    missing = [c for c in schema.columns if c.required and c.name not in present]
    if schema.some_of and not any(name in present for name in schema.some_of):
        missing += [c for c in schema.columns if c.name == schema.some_of[0]]
    if missing:
        problems = [
            MissingColumn(
                f"column {c.name!r} ({c.about}) is missing from {schema.name}",
                remedy=f"map it with {mapped_as(c.name)}; " + did_you_mean(c.name, present),
                column=c.name,
            )
            for c in missing
        ]
        raise problems[0] if len(problems) == 1 else Problems(problems)


def refuse_nested(kinds: Mapping[str, Any], table: str) -> None:
    """Raise `NotANumber` for columns of lists, records, bytes, objects or durations: no cell is a single value."""
    for name, kind in kinds.items():
        if isinstance(kind, nw.List | nw.Array | nw.Struct | nw.Object | nw.Binary | nw.Duration):
            raise NotANumber(
                f"the column {name!r} of {table} holds {kind}, and no cell is a number or a text",
                remedy="put one of its values into a separate column, or name another column",
            )


def refuse_numeric_code(name: str, dtype: Any, padded: Collection[str], table: str, frame: Frame) -> None:
    """Raise `CodesReadAsNumbers` for a code column that holds numbers and has no given length in ``padded``.

    Numbers lose leading zeros, which matter in codes. The remedy gives the length of the longest code of ``frame``.
    """
    if name in padded or not dtype.is_numeric():
        return
    if any(c.code and c.name == name for c in TABLES[table].columns):
        raise CodesReadAsNumbers(
            f"{name!r} of {table} holds numbers, so leading zeros may be gone (0101 would be 101)",
            remedy=f"store codes as text, or state their length: {padding(name, _length(name, frame))}",
        )


def _length(name: str, frame: Frame) -> int:
    """Return the number of digits of the longest code, rounded up to even for products; 6 if there is no code."""
    largest = collect(frame.select(nw.col(name).max()))[name][0]
    if largest is None or not math.isfinite(largest) or largest < 1:
        return 6
    digits = len(str(int(largest)))
    return digits + digits % 2 if name == "product" else digits


def refuse_times(name: str, dtype: Any, table: str) -> None:
    """Raise `NotANumber` for dates, times and durations: as numbers they would silently become days or microseconds."""
    if dtype.is_temporal():
        raise NotANumber(
            f"the number column {name!r} of {table} holds {dtype}, which is not a number",
            remedy="write it as a number: the year of a date, the days or hours of a duration",
        )


def refuse_truths(name: str, dtype: Any, table: str) -> None:
    """Raise `NotANumber` for true/false values: as numbers they would silently become 0 or 1."""
    if dtype == nw.Boolean:
        raise NotANumber(
            f"the number column {name!r} of {table} holds {dtype}, which is not a number",
            remedy=f"check the column: name another with {mapped_as(name)}, or write its values as numbers",
        )


SIZES = (1e-100, 1e100)
"""The smallest and the largest absolute value of a user's number other than 0.

Sums, products and ratios of two such numbers are finite: double precision ends near 1e-308 and 1e308.
"""


class Odd(NamedTuple):
    """Cells of a number column with a value that the column cannot have.

    The value is infinite, outside `SIZES` or, in a column of integers, has a fraction.

    ``flag``: the temporary column that marks these cells. ``test``: the condition on the column as read from the file.
    """

    column: Column
    flag: str
    reason: Said
    test: nw.Expr


def _odd_numbers(columns: Sequence[Column], present: Mapping[str, Any]) -> list[Odd]:
    """Return an `Odd` for each kind of impossible value of each number column that was read as floats or text."""
    oddities = list[Odd]()
    for c in columns:
        dtype = present[c.name]
        if c.kind == "text" or not (dtype == nw.String or dtype.is_float()):
            continue
        number = _as_number(c.name, dtype)
        there = ~number.is_null() & ~number.is_nan()
        named = column_word(c.name)
        infinite = (there & ~number.is_finite()).fill_null(False)
        oddities.append(Odd(c, f"_{c.name} infinite", say("account.infinite", column=named), infinite))
        beyond = (there & number.is_finite() & ~_has_size(number)).fill_null(False)
        reason = say("account.beyond", column=named, low=f"{SIZES[0]:g}", high=f"{SIZES[1]:g}")
        oddities.append(Odd(c, f"_{c.name} beyond", reason, beyond))
        if c.kind == "integer":
            fraction = (there & number.is_finite() & (number != number.round(0))).fill_null(False)
            oddities.append(Odd(c, f"_{c.name} fraction", say("account.no-whole-number", column=named), fraction))
    return oddities


def _has_size(number: nw.Expr) -> nw.Expr:
    size = number.abs()
    return (size == 0) | ((size >= SIZES[0]) & (size <= SIZES[1]))


def _as_number(name: str, dtype: Any) -> nw.Expr:
    raw = nw.col(name)
    if dtype == nw.String:
        clean = raw.str.strip_chars()
        raw = nw.when(clean.str.contains(NUMBER)).then(clean).cast(nw.Float64)
    return raw.cast(nw.Float64)


def _to_kind(column: Column, dtype: Any, pad: int, *, any_size: bool = False) -> nw.Expr:
    """Convert a column to its type; empty texts and numbers that it cannot hold become missing."""
    raw = nw.col(column.name)
    if column.kind == "text":
        whole = nw.when(raw.is_finite()).then(raw).cast(nw.Int64) if dtype.is_float() else raw
        text = whole.cast(nw.String)
        text = text.str.zfill(pad) if pad else text
        return nw.when(text != "").then(text).alias(column.name)
    number = _as_number(column.name, dtype)
    number = nw.when(number.is_finite() if any_size else number.is_finite() & _has_size(number)).then(number)
    if column.kind == "integer":
        number = nw.when(number == number.round(0)).then(number.clip(-LARGEST, LARGEST)).cast(nw.Int64)
    return number.alias(column.name)


def _is_text_junk(column: Column) -> nw.Expr:
    clean = nw.col(column.name).str.strip_chars()
    return ~clean.is_in(list(MISSING_WORDS)) & ~clean.str.contains(NUMBER)


def _outside(column: Column) -> nw.Expr | None:
    value, tests = nw.col(column.name), []
    if column.positive:
        tests.append(value <= 0)
    if column.low is not None:
        tests.append(value < column.low)
    if column.high is not None:
        tests.append(value > column.high)
    return nw.any_horizontal(*tests, ignore_nulls=True) if tests else None


def _check_rows(
    raw: Frame, frame: Frame, columns: Sequence[Column], present: Mapping[str, Any], schema: Schema, odd: Sequence[Odd]
) -> tuple[Frame, Account]:
    """Drop and count the rows with a missing or impossible value; raise the errors for values that are refused.

    A row counts under its first reason. ``raw`` is the table as read, whose cells appear in messages.
    """
    junk = [c for c in columns if c.kind != "text" and present[c.name] == nw.String]
    if junk:
        _raise_junk(raw, junk, schema)
    deciding = {
        oddity.reason: oddity for oddity in odd if oddity.column.bad == "error" or _is_needed(oddity.column, schema)
    }
    cells = [oddity for oddity in odd if oddity.reason not in deciding]
    reasons = {reason: nw.col(oddity.flag) for reason, oddity in deciding.items()} | _reasons(columns, schema)
    first = nw.lit(None, dtype=nw.String)
    for reason, test in reversed(list(reasons.items())):
        first = nw.when(test).then(nw.lit(str(reason))).otherwise(first)
    flagged = frame.with_columns(_reason=first)
    sums = [nw.col(oddity.flag).cast(nw.Int64).sum().alias(oddity.flag) for oddity in cells]
    tally = collect(flagged.group_by("_reason").agg(nw.len().alias("_rows"), *sums))
    counts: dict[str | None, int] = dict(tally.select("_reason", "_rows").iter_rows())
    total = sum(counts.values())
    if not total:
        raise EmptyTable(f"{schema.name} has no rows", remedy=f"check the file and the {option('where')} filter")
    entries = [Entry("read", schema.name, "in", say("account.rows"), total)]
    tests: list[tuple[Column, Frame, str, nw.Expr]] = [
        (oddity.column, raw, oddity.reason, oddity.test) for oddity in deciding.values()
    ]
    tests += [(c, frame, _outside_reason(c), outside) for c in columns if (outside := _outside(c)) is not None]
    problems = [
        OutOfRange(
            f"{reason} in {counted(counts[reason], 'row')} of {schema.name}",
            example=first_row(rows, impossible, [c.name, *schema.key]),
            remedy=f"correct the cells, or leave the rows out with {option('where')}",
        )
        for c, rows, reason, impossible in tests
        if c.bad == "error" and counts.get(reason)
    ]
    if problems:
        keep_for_errors(entries)
        raise problems[0] if len(problems) == 1 else Problems(problems)
    kept = counts.pop(None, 0)
    entries += [Entry("conform", schema.name, "dropped", r, counts[r]) for r in reasons if r in counts]
    if not kept:
        keep_for_errors(entries)
        why = "; ".join(f"{r}: {counted(n, 'row')}" for r, n in counts.items())
        raise EmptyTable(f"no usable row is left in {schema.name}", example=why, remedy="see the reasons above")
    for oddity in cells:
        lost = int(tally[oddity.flag].sum() or 0)
        sentence = say("account.taken-as-missing", what=oddity.reason, n=lost)
        entries += [Entry("conform", schema.name, "warning", sentence, lost)] if lost else []
    entries += _by_chapter(flagged, schema) if counts and schema.by_chapter else []
    clean = flagged.filter(nw.col("_reason").is_null()).drop("_reason") if counts else frame
    return clean.drop([oddity.flag for oddity in odd]), Account(tuple(entries))


def column_word(name: str) -> str:
    """Return the word for a column in the language of messages, or the column's name if there is no such word."""
    if name.endswith("^2") and is_message(f"column_names.{name.removesuffix('^2')}"):
        return say("column_names.square-of", column=column_word(name.removesuffix("^2")))
    return say(f"column_names.{name}") if is_message(f"column_names.{name}") else name


def _by_chapter(flagged: Frame, schema: Schema) -> list[Entry]:
    """List the five HS chapters and years that lose most rows, each with its total number of rows."""
    chapter = nw.col("product").str.slice(0, 2).fill_null("?").alias("chapter")
    n, lost = nw.len(), (~nw.col("_reason").is_null()).cast(nw.Int64).sum()
    chapters = collect(flagged.with_columns(chapter).group_by("chapter", "year").agg(n=n, lost=lost))
    chapters = chapters.filter(chapters["lost"] > 0).sort("lost", "chapter", "year", descending=[True, False, False])
    shown = [_chapter(*row) for row in chapters.head(5).iter_rows()]
    shown += [say("account.more-chapters", n=chapters.height - 5)] if chapters.height > 5 else []
    return [Entry("conform", schema.name, "note", say("account.dropped-in", places=listed(shown, "semicolon")), 0)]


def _chapter(chapter: str, year: int | None, all_: int, lost: int) -> Said:
    if year is None:
        return say("account.chapter-in-no-year", chapter=chapter, lost=lost, all=all_)
    return say("account.chapter-in-year", chapter=chapter, year=str(year), lost=lost, all=all_)


def _is_needed(column: Column, schema: Schema) -> bool:
    """Return whether a row without a value in the column is dropped."""
    return (column.required and not column.gaps) or column.name in schema.key[:2]


def _reasons(columns: Sequence[Column], schema: Schema) -> dict[str, nw.Expr]:
    """Return the reasons for dropping a row, each with its condition, in the order of columns."""
    reasons: dict[str, nw.Expr] = {}
    for c in columns:
        if _is_needed(c, schema):
            reasons[say("account.missing", column=column_word(c.name))] = nw.col(c.name).is_null()
        test = _outside(c)
        if test is not None:
            reasons[_outside_reason(c)] = test
    return reasons


def _outside_reason(column: Column) -> str:
    name = column_word(column.name)
    if column.positive:
        return say("account.not-positive", column=name)
    return say("account.outside", column=name, low=str(column.low), high=str(column.high))


def _raise_junk(raw: Frame, junk: Sequence[Column], schema: Schema) -> None:
    sums = [_is_text_junk(c).cast(nw.Int64).sum().alias(c.name) for c in junk]
    counts = collect(raw.select(*sums, _rows=nw.len()))
    problems: list[IntegradeError] = []
    for c in junk:
        n = counts[c.name][0]
        if n:
            example = first_row(raw, _is_text_junk(c), [c.name, *schema.key])
            problems.append(
                NotANumber(
                    f"text in the number column {c.name!r} of {schema.name}: {counted(n, 'cell')}",
                    example=example,
                    remedy=("write the months as 1 to 12" if c.name == "month" else "correct the cells")
                    + f", or leave the rows out with {option('where')}",
                )
            )
    if problems:
        keep_for_errors([Entry("read", schema.name, "in", say("account.rows"), int(counts["_rows"][0]))])
        raise problems[0] if len(problems) == 1 else Problems(problems)


def _refuse_repeated(frame: Frame, schema: Schema, columns: Sequence[str], raw: Frame) -> None:
    """Raise `DuplicateKeys` if a key has several rows, with the remedy that fits how these rows differ."""
    key = [k for k in schema.key if k in columns]
    shown = repeated_keys(frame, key)
    if not shown:
        return
    filters, keys = tuple[str, ...](), tuple[str, ...]()
    remedy = _unread_months(raw, key, schema)
    if not remedy:
        # number columns are texts in a raw file, but their values are no kinds of rows
        values = [c.name for c in schema.columns if c.kind != "text" and c.name not in key]
        remedy, filters = _remedy_by_kind(raw.drop(values, strict=False), key, [c.name for c in schema.columns])
    if not remedy:
        remedy, filters, keys = _remedy_by_difference(raw, key)
    problem = DuplicateKeys(
        f"{schema.name} has more than one row for the same {', '.join(key)}", example=shown, remedy=remedy
    )
    problem.filters, problem.keys = filters, keys
    raise problem


def repeated_keys(frame: Frame, key: Sequence[str]) -> str:
    """Describe the first three keys that occur in several rows, with their row counts; empty if every key is unique."""
    repeated = collect(frame.group_by(*key).agg(n=nw.len()).filter(nw.col("n") > 1).sort(*key).head(3))
    return "; ".join(
        ", ".join(f"{k}={row[k]}" for k in key) + f" ({row['n']} rows)" for row in repeated.iter_rows(named=True)
    )


def refuse_merged(
    frame: Frame, name: str, table: str, change: Mapping[str, str], columns: Sequence[str], mapped: Collection[str] = ()
) -> None:
    """Raise `DuplicateKeys` if renaming values in ``columns`` by ``change`` gives several rows the same key.

    ``mapped``: values that the user renames. If one of them is involved, the remedy is not to rename it.
    """
    schema = TABLES.get(table)
    if schema is None or schema.repeated != "refuse":
        return
    key = [c for c in schema.key if c in frame.collect_schema().names()]
    if shown := repeated_keys(frame, key):
        old = next((old for old, new in change.items() if f"={new}" in shown), next(iter(change)))
        others = " and ".join(f'{column} != "{old}"' for column in columns)
        raise DuplicateKeys(
            f"{name} has more than one row for the same {', '.join(key)} once {old!r} is {change[old]!r}",
            example=shown,
            remedy=f"leave {old!r} as it is"
            if old in mapped
            else f"leave the rows of one out: {option('where', others)}",
        )


def _unread_months(raw: Frame, key: Sequence[str], schema: Schema) -> str:
    """Return the remedy if a column that was not read as the month distinguishes the rows of each repeated key."""
    names = raw.collect_schema().names()
    others = [name for name in names if name not in key and name not in {c.name for c in schema.columns}]
    if "month" not in schema.key or "month" in names or not set(key) <= set(names):
        return ""
    each = raw.group_by(*key).agg(nw.len().alias("_n"), *(nw.col(c).n_unique() for c in others))
    repeated = collect(each.filter(nw.col("_n") > 1))
    for name in (c for c in others if (repeated[c] == repeated["_n"]).all()):
        values = collect(raw.select(name).unique())[name].drop_nulls().to_list()
        few = ", ".join(map(str, values[:3])) + (", ..." if len(values) > 3 else "")
        if are_months([str(value) for value in values]):
            return f"{name} contains the months ({few}): read it as such, {mapped_as('month', name)}"
        if len(values) == 12 and (repeated["_n"] == 12).all():
            return (
                f"{name} may contain the months ({few}), under names that are not known: write them as 1 to 12 in the "
                f"file and read it as such, {mapped_as('month', name)}; or keep one row per key"
            )
    return ""


def _remedy_by_kind(raw: Frame, key: Sequence[str], canonical: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """Return the remedy if rows with the same key differ in a text column that the table does not need.

    A kind of row is a value of that column. Also return filters that each keep one kind of row, for kinds that cover at
    least `KIND` of the keys. No filters are returned if the column is finer than a key column (districts within
    regions).
    """
    kinds = raw.collect_schema()
    others = [name for name, kind in kinds.items() if name not in key and kind == nw.String]
    if not others or not set(key) <= set(kinds):
        return "", ()
    each = raw.group_by(*key).agg(nw.len().alias("_n"), *(nw.col(c).n_unique() for c in others))
    repeated = collect(each.filter(nw.col("_n") > 1))
    telling = [c for c in others if repeated.height and (repeated[c] == repeated["_n"]).all()]
    if not telling:
        return "", ()
    by_column = {c: collect(raw.select(c).unique())[c].drop_nulls().sort().to_list() for c in telling}
    name = min(telling, key=lambda c: len(by_column[c]))
    values = by_column[name]
    for unit in (c for c in key if kinds[c] == nw.String and name not in canonical):
        pairs = collect(raw.select(name, unit).unique())
        if pairs.height == len(values) > pairs[unit].n_unique():
            return f"{name} is finer than {unit}: take it, {mapped_as(unit, name)}, or keep one row per key", ()
    of_each = collect(raw.select(*key, name).unique().group_by(name).agg(nw.len().alias("_n")).drop_nulls().sort(name))
    n_keys = collect(raw.select(*key).unique().select(n=nw.len()))["n"][0]
    kinds_of_rows = [value for value, n in of_each.select(name, "_n").iter_rows() if n >= KIND * n_keys]
    if not kinds_of_rows:
        return "", ()
    filters = tuple(f"{_named(name)} == {_in_filter(value)}" for value in kinds_of_rows)
    few = ", ".join(map(str, values[:3])) + (", ..." if len(values) > 3 else "")
    return f"{name} distinguishes them ({few}): keep one, {option('where', filters[0])}", filters


KIND = 0.5
"""A filter on one kind of row is suggested only if that kind has rows for at least this share of the keys."""
FEW = 3
"""The largest number of examples in a message: columns that differ, or repeated keys with a filter for each.

The value is a convention that keeps messages short.
"""


def _remedy_by_difference(raw: Frame, key: Sequence[str]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the remedy for repeated keys to which `_remedy_by_kind` does not apply.

    The remedy names the columns that differ between rows of a key. If few keys are repeated, filters are also returned
    that each keep one row of every key. The third value is the line of a study file that is the remedy, if there is
    one.
    """
    others = [name for name in raw.collect_schema().names() if name not in key]
    if not set(key) <= set(raw.collect_schema().names()):
        return f"keep one row per key, or leave the others out with {option('where')}", (), ()
    each = raw.group_by(*key).agg(nw.len().alias("_n"), *(nw.col(c).n_unique() for c in others))
    repeated = collect(each.filter(nw.col("_n") > 1).sort(*key))
    differ = [c for c in others if (repeated[c] > 1).any()]
    if not differ:
        drop = option("duplicates", "drop")
        what = f"they are the same in every column: {drop} keeps one of them and counts the others"
        return what, (), ('duplicates = "drop"   # they are the same in every column: one of them is kept',)
    named = ", ".join(differ[:FEW]) + (", ..." if len(differ) > FEW else "")
    filters = _all_but_one(raw, key, repeated, [c for c in differ if (repeated[c] == repeated["_n"]).all()])
    if filters:
        ways = " or ".join(option("where", condition) for condition in filters)
        return f"they differ in {named}: keep one of each, {ways}", filters, ()
    return (
        f"they differ in {named}: keep one row per key in the file (their sum, their mean or the right one), or "
        f"leave the others out with {option('where')}",
        (),
        (),
    )


def _all_but_one(raw: Frame, key: Sequence[str], repeated: Any, telling: Sequence[str]) -> tuple[str, ...]:
    """Return two filters: one keeps the first row of each repeated key, the other keeps the last.

    Rows are ordered by the first column of ``telling``, whose values differ between all rows of a key.
    The result is empty if there is no such column, more than `FEW` keys are repeated, or a value is missing.
    """
    if not telling or repeated.height > FEW:
        return ()
    column, first, last = telling[0], list[str](), list[str]()
    for row in repeated.select(key).iter_rows(named=True):
        here = collect(raw.filter(*[nw.col(k) == v for k, v in row.items()]).select(column))[column].sort().to_list()
        if None in here:
            return ()
        of_key = [f"{_named(k)} == {_in_filter(v)}" for k, v in row.items()]
        rows = [f"not ({' and '.join([*of_key, f'{_named(column)} == {_in_filter(value)}'])})" for value in here]
        first, last = [*first, *rows[1:]], [*last, *rows[:-1]]
    return " and ".join(first), " and ".join(last)


def _named(column: str) -> str:
    """Write a column name as a filter expression needs it."""
    return column if column.isidentifier() else f"`{column}`"


def _in_filter(value: Any) -> str:
    """Write a text or a number as a filter expression needs it."""
    if not isinstance(value, str):
        return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else repr(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
