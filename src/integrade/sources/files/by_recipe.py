"""Read a file by the recipe of its source.

The recipe makes the columns. Rows that the rules of the recipe exclude are left out and counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import narwhals as nw

from integrade.engine.frames import Frame, collect, place
from integrade.errors import IntegradeError, MissingColumn, Problems, did_you_mean, mapped_as
from integrade.records.cells import check_codes
from integrade.records.schema import NUMBER, TABLES, to_numbers
from integrade.sources.files.where import parse_where
from integrade.sources.meaning.recipe import Field, Recipe, absent_columns, headings_of
from plainwords.account import Entry
from plainwords.texts import Said, listed, say

MOST_VALUES = 12
"""Largest number of different values in a column at which the account counts each value (a convention)."""


def follow(frame: Frame, recipe: Recipe, headings: Mapping[str, str]) -> tuple[Frame, list[Entry]]:
    """Make the columns of a recipe from the columns of a file; return the rows, and notes on what was left out.

    ``headings``: the result of `columns_of`. Columns that the recipe does not name are kept if the recipe sets
    ``others``.
    """
    scaled = [headings[n] for n, f in recipe.columns.items() if n in headings and (f.times, f.plus) != (1, 0)]
    frame = to_numbers(frame, scaled, recipe.table if recipe.table in TABLES else "customs") if scaled else frame
    check_codes(
        frame, {headings[n]: n for n, f in recipe.columns.items() if n in headings and _is_text(f)}, recipe.table
    )
    entries = _recipe_notes(recipe, headings)
    there = [n for n, f in recipe.columns.items() if n in headings or f.value is not None or f.default is not None]
    columns = [_expression(frame, recipe.columns[n], headings.get(n, "")).alias(n) for n in there]
    entries += _zeros_restored(frame, recipe, headings)
    others = [n for n in frame.collect_schema().names() if n not in {*headings.values(), *recipe.columns}]
    rows = frame.select(*columns, *(nw.col(n) for n in others if recipe.others))
    for name, field in recipe.columns.items():
        if field.find and name in headings:
            rows = by_value(rows, name, _finder(field))
    rows, left_out = _kept_by_rules(rows, recipe)
    left_out += _counts_of_values(rows, recipe, headings)
    hidden = [n for n, field in recipe.columns.items() if field.hidden and n in rows.collect_schema().names()]
    return rows.drop(*hidden) if hidden else rows, entries + left_out


def columns_of(recipe: Recipe, frame: Frame, mapped: Mapping[str, str]) -> dict[str, str]:
    """Return the file's heading for each column of a recipe.

    Raises `MissingColumn` for each required column that is missing (`Problems` if there are several); the error lists
    the columns of the file.
    """
    names = frame.collect_schema().names()
    headings = headings_of(recipe, names, mapped)
    problems: list[IntegradeError] = []
    for new in absent_columns(recipe, headings):
        wanted = recipe.columns[new].headings
        known = f"known headings for it: {', '.join(wanted[:6])}; "
        problems.append(
            MissingColumn(
                f"source {recipe.name}: no column for {new!r} ({recipe.columns[new].about or new})",
                example=f"the file has {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}",
                remedy=f"map it with {mapped_as(new)}; {known}{did_you_mean(wanted[0], names)}",
                column=new,
            )
        )
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    return headings


def with_made(frame: Frame, recipe: Recipe, headings: Mapping[str, str], names: Iterable[str]) -> Frame:
    """Add the named columns of a recipe to the rows of a file, unless the file has a column with that name.

    A filter on ``year`` then works even if the file has the year only as part of a month (200607).
    """
    there = frame.collect_schema().names()
    for name in dict.fromkeys(names):
        if name not in headings or name in there:
            continue
        field, heading = recipe.columns[name], headings[name]
        if (field.times, field.plus) != (1, 0):
            frame = to_numbers(frame, [heading], recipe.table if recipe.table in TABLES else "customs")
        frame = frame.with_columns(_expression(frame, field, heading).alias(name))
        frame = by_value(frame, name, _finder(field)) if field.find else frame
    return frame


def summed(entries: Iterable[Entry]) -> list[Entry]:
    """Add up equal entries of several files into one line of the account; equal notes appear once."""
    by_reason: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        before = by_reason.get((entry.kind, entry.reason))
        rows = entry.rows + (before.rows if before and not entry.is_remark else 0)
        by_reason[(entry.kind, entry.reason)] = replace(entry, rows=rows)
    return list(by_reason.values())


def by_value(frame: Frame, column: str, change: Callable[[str], str | None]) -> Frame:
    """Change each distinct value of a text column once; None makes it missing."""
    import polars as pl

    values = collect(frame.select(nw.col(column).cast(nw.String)).unique())[column].drop_nulls().sort()
    changed = pl.DataFrame(
        {"_old": values, "_new": [change(v) for v in values]}, schema={"_old": pl.String, "_new": pl.String}
    )
    names = frame.collect_schema().names()
    keyed = frame.with_columns(_old=nw.col(column).cast(nw.String))
    joined = keyed.join(place(changed, keyed), on="_old", how="left")
    return joined.select(*[nw.col("_new").alias(column) if n == column else nw.col(n) for n in names])


def is_of_recipe(entry: Entry) -> bool:
    """Return whether an entry names the source whose recipe was followed, or one of its units."""
    return isinstance(entry.reason, Said) and entry.reason.key in ("sources.recipe", "sources.recipe-unit")


def _recipe_notes(recipe: Recipe, headings: Mapping[str, str]) -> list[Entry]:
    """Return notes on a recipe: its name, the columns taken, and the units changed."""
    shown = {new: repr(old) for new, old in headings.items() if not recipe.columns[new].hidden}
    taken = listed([say("sources.recipe-column", new=new, old=old) for new, old in shown.items()], "comma")
    notes = [say("sources.recipe", name=recipe.name, title=recipe.title, provider=recipe.provider, columns=taken)]
    for new in headings:
        field = recipe.columns[new]
        if (field.times, field.plus) != (1, 0):
            plus = f" + {field.plus:g}" if field.plus else ""
            formula = f"{headings[new]!r} x {field.times:g}{plus}"
            notes.append(say("sources.recipe-unit", name=recipe.name, new=new, formula=formula, unit=field.unit))
    return [Entry("read", recipe.table, "note", reason, 0) for reason in notes]


def _expression(frame: Frame, one: Field, heading: str) -> nw.Expr:
    if not heading:
        return nw.lit(one.value) if one.value is not None else nw.lit(one.default)
    kinds = dict(frame.collect_schema())
    as_text = _is_text(one)
    column = _text(heading, kinds[heading]) if as_text else nw.col(heading)
    column = column.str.zfill(one.pad) if one.pad else column
    others = [h for name in one.also for h in kinds if h.casefold() == name.casefold()]
    for further in others:
        column = nw.concat_str(column, _text(further, kinds[further]), separator=" ")
    for old, new in one.words.items() if not one.find else ():
        column = nw.when(column == old).then(nw.lit(new)).otherwise(column)
    if one.cut:
        column = column.str.slice(*one.cut)
    if (one.times, one.plus) != (1, 0):
        column = column * one.times + one.plus
    if one.between:
        if as_text or kinds[heading] == nw.String:
            column = nw.when(column.str.contains(NUMBER)).then(column)
        number = column.cast(nw.Float64)
        column = nw.when((number >= one.between[0]) & (number <= one.between[1])).then(number)
    return column


def _is_text(one: Field) -> bool:
    return bool(one.hidden or one.also or one.words or one.cut or one.find or one.pad)


def _text(name: str, kind: nw.dtypes.DType) -> nw.Expr:
    column = nw.col(name)
    return (column.cast(nw.Int64) if kind.is_float() else column).cast(nw.String).str.strip_chars()


def _finder(one: Field) -> Callable[[str], str | None]:
    compiled = re.compile(one.find)

    def found(text: str) -> str | None:
        match = compiled.search(text)
        return one.words.get(match[1].strip(), match[1].strip()) if match else None

    return found


def _kept_by_rules(frame: Frame, recipe: Recipe) -> tuple[Frame, list[Entry]]:
    """Keep the rows that all rules keep; a rule on a column that the file lacks is skipped."""
    entries = []
    for rule in recipe.rows:
        schema = dict(frame.collect_schema())
        asked = [name for name in recipe.columns if re.search(rf"\b{name}\b", rule.keep)]
        if not all(name in schema for name in asked):
            continue
        keep = parse_where(rule.keep, schema).fill_null(False)
        dropped: int = collect(frame.select(n=(~keep).cast(nw.Int64).sum()))["n"][0] or 0
        if dropped:
            entries.append(Entry("read", recipe.table, "dropped", rule.because, dropped))
            frame = frame.filter(keep)
    return frame, entries


def _counts_of_values(frame: Frame, recipe: Recipe, headings: Mapping[str, str]) -> list[Entry]:
    """Count the remaining rows by value, for each column that the recipe counts."""
    entries = []
    for name in (n for n, field in recipe.columns.items() if field.counted and n in headings):
        flag = nw.when(nw.col(name) != "").then(nw.col(name)).alias(name)
        counts = collect(frame.select(flag).group_by(name).agg(n=nw.len())).sort("n", name, descending=[True, False])
        if not counts.height:
            continue
        values = [
            say("sources.recipe-no-flag", n=n) if value is None else say("sources.recipe-count", value=value, n=n)
            for value, n in counts.select(name, "n").rows()
        ]
        shown = listed(values[:MOST_VALUES], "comma")
        reason = say("sources.recipe-counted", column=repr(headings[name]), values=shown)
        entries.append(Entry("read", recipe.table, "note", reason, 0))
    return entries


def _zeros_restored(frame: Frame, recipe: Recipe, headings: Mapping[str, str]) -> list[Entry]:
    """Count the rows whose codes get leading zeros back, because they are shorter than the codes of the source."""
    width = {headings[n]: field.pad for n, field in recipe.columns.items() if field.pad and n in headings}
    if not width:
        return []
    kinds = dict(frame.collect_schema())
    texts = {heading: _text(heading, kinds[heading]) for heading in width}
    short = [((t.str.len_chars() < width[h]) & (t != "")).cast(nw.Int64).sum().alias(h) for h, t in texts.items()]
    counts = collect(frame.select(*short))
    reasons = {h: say("sources.zeros-of-source", column=repr(h), digits=str(k)) for h, k in width.items()}
    return [
        Entry("read", recipe.table, "filled", reason, int(counts[h][0]))
        for h, reason in reasons.items()
        if counts[h][0]
    ]
