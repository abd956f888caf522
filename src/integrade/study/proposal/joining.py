"""Join files of one table: years, goods or editions in files of their own, and panels that exist already."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from integrade.errors import IntegradeError, UsageError
from integrade.sources import READERS, Reading, read_prices
from integrade.sources.layout.roles import VALUES
from integrade.study.lines import each_of
from integrade.study.proposal.contents import ROWS, Contents, contents_of
from integrade.study.proposal.files import (
    LEAST,
    LEAST_GOODS,
    Guess,
    Lost,
    Refused,
    is_stated,
    laid_out,
    refused_by,
    sample_of,
)
from integrade.study.proposal.heads import LOOKED_THROUGH
from integrade.study.proposal.roles import Choice
from plainwords.texts import Said


def as_panel(guesses: Sequence[Guess], kind: str = "") -> list[Guess]:
    """Mark files as existing panels if the folder has no files from which a panel could be made.

    ``kind`` is the user's own word for the folder; without it, accounts of a known source are no panel. Raises
    `UsageError` if ``kind`` is panel and no file is a panel.
    """
    if kind == "study" or (not kind and any(g.table not in ("", "covariates", "firms") for g in guesses)):
        return list(guesses)
    marked = [_as_panel(g) if g.panel and (kind or not g.source) else g for g in guesses]
    if kind == "panel" and all(g.table != "panel" for g in marked):
        raise UsageError(
            "no file of the folder is a panel, which has a unit and a year that identify its rows and two columns of "
            "numbers",
            remedy="leave --kind out",
        )
    return marked


def _as_panel(one: Guess) -> Guess:
    """Return the guess as a panel; its rows and years are those of the sample if the file was read as no table."""
    whole = max((c.rows for c in one.sample), default=0)
    rows = one.rows or (whole if whole < ROWS else 0)
    return replace(one, table="panel", rows=rows)


def merged(guesses: Sequence[Guess]) -> list[Guess]:
    """Join files of one table with separate years into one group.

    They have the same headings, or are customs records that map other headings to the same columns.
    """
    groups: list[Guess] = []
    for guessed in guesses:
        at = next((i for i, group in enumerate(groups) if _continues(guessed, group)), None)
        if at is None:
            groups.append(guessed)
        else:
            years = sorted([*groups[at].years.split("-"), *guessed.years.split("-")])
            files = (*groups[at].files, *guessed.files)
            named = _with_headings_of(groups[at], guessed)
            groups[at] = replace(named, files=files, years=f"{years[0]}-{years[-1]}", basis="")
    return groups


def _with_headings_of(one: Guess, other: Guess) -> Guess:
    """Return the guess with the headings that only the other file has, and with the lengths of its codes."""
    if one.choice is None or other.choice is None:
        return one
    own = {p.column.heading for p in one.choice.pairs}
    pairs = (*one.choice.pairs, *(p for p in other.choice.pairs if p.column.heading not in own))
    return replace(one, choice=replace(one.choice, pairs=pairs), pad={**other.pad, **one.pad})


def _have_other_headings(one: Guess, other: Guess) -> bool:
    """Return whether two tables of customs records map headings that the other file lacks, or to the same role."""
    if one.choice is None or other.choice is None or one.source or other.source or one.table != "customs":
        return False
    if one.choice.lacking or other.choice.lacking:
        return False

    def agree(first: Choice, second: Choice, headings: Sequence[Contents]) -> bool:
        roles = {p.column.heading: p.role for p in second.pairs}
        return all(
            roles.get(c.heading) == p.role for p in first.pairs for c in headings if c.heading == p.column.heading
        )

    return agree(one.choice, other.choice, other.sample) and agree(other.choice, one.choice, one.sample)


def by_goods(guesses: Sequence[Guess]) -> list[Guess]:
    """Put the likely tables of prices in order: the one with the most goods comes first, as the study reads it.

    Other tables keep their places. A table whose goods were not counted precedes only those with one good.
    """
    prices = iter(sorted((g for g in guesses if g.table == "prices"), key=lambda g: -(g.goods or 2)))
    return [next(prices) if g.table == "prices" else g for g in guesses]


def of_goods(guesses: Sequence[Guess], out: Path) -> list[Guess]:
    """Recognise prices in files that are each named after a good.

    The files are in one folder, have the same headings and fit no table, or have one column per year. They are joined
    into one guess if they can be read as prices with their names as the goods. Files with one column per year must also
    state that they are price indices, as any number of a region has this layout. Otherwise the guesses are unchanged.
    """
    alike: dict[tuple[str, ...], list[Guess]] = {}
    for guessed in guesses:
        across = VALUES in guessed.layout
        if guessed.sample and (across or not guessed.table):
            place = ("across" if across else "", os.path.dirname(guessed.files[0]))
            alike.setdefault((*place, *(c.heading for c in guessed.sample)), []).append(guessed)
    result = list(guesses)
    for (kind, *_), same in alike.items():
        if kind and not _all_state_prices(same, out):
            continue
        names = tuple(name for guessed in same for name in guessed.files)
        layout = {"files": "commodity"}
        laid = laid_out(_paths(names, out), names, same[0].sample, layout) if len(same) > 1 else None
        if laid:
            result[result.index(same[0])] = laid
            result = [guessed for guessed in result if guessed not in same[1:]]
    return result


def continued(guesses: Sequence[Guess], out: Path) -> list[Guess]:
    """Join two tables of prices if one continues the other: the same goods in other years, in another layout.

    Yearbooks change their layout, for example from one sheet per year to one file per good. Two tables are joined if
    they can be read together with one `layout` and the result has no more goods than the larger table.
    """
    laid = [g for g in guesses if g.table == "prices" and g.why == "by its layout" and not (g.problems or g.sheet)]
    if len(laid) != 2 or not _are_apart(*laid):
        return list(guesses)
    first, second = sorted(laid, key=lambda g: g.years)
    names, layout = (*first.files, *second.files), {**first.layout, **second.layout}
    try:
        rows = read_prices(_paths(names, out), options=Reading(layout=layout)).polars()
    except IntegradeError:
        return list(guesses)
    most = max(len(g.files) if "files" in g.layout else g.goods for g in laid)
    if rows["commodity"].n_unique() > most:
        return list(guesses)
    ends = (first.years.split("-")[0], second.years.split("-")[-1])
    stated, size = first.stated and second.stated, first.rows + second.rows
    joined = replace(first, files=names, layout=layout, years="-".join(ends), rows=size, stated=stated)
    return [joined if g is laid[0] else g for g in guesses if g is not laid[1]]


def _all_state_prices(guesses: Sequence[Guess], out: Path) -> bool:
    """Return whether there are at least three files, each of which states what 100 is, as price indices do.

    Two such files may be indices of income or output next to each other.
    """
    files = [path for guessed in guesses for path in _paths(guessed.files, out)]
    options = Reading(layout={"files": "commodity"})
    try:
        return len(files) >= LEAST_GOODS and all(is_stated(read_prices([path], options=options)) for path in files)
    except IntegradeError:
        return False


def with_regions(one: Guess, out: Path) -> Guess:
    """Return the guess with the names of regions in all of its files, if these are small.

    Prices in a layout have no column of regions in their sample, so their files are read.
    """
    files = _paths(one.files, out)
    column = one.choice.column("region") if one.choice and not one.as_read else None
    laid_out = one.table == "prices" and one.choice is None
    if not (laid_out or (column and len(files) > 1)) or sum(path.stat().st_size for path in files) > LOOKED_THROUGH:
        return one
    try:
        if column:
            parts = []
            for path in files:
                frame = sample_of(path, one.sheet)
                cells = frame[column.heading] if column.heading in frame.columns else pl.Series([None])
                parts.append(cells.cast(pl.String).alias("region"))
            names = pl.concat(parts)
        else:
            options = Reading(layout=one.layout, source=one.source or None, sheet=one.sheet or None)
            prices = read_prices(files, options=options)
            names = prices.polars()["region"]
    except IntegradeError:
        return one
    return replace(one, regions=contents_of(names.unique(maintain_order=True).to_frame())[0])


def with_all_files(one: Guess, out: Path) -> Guess:
    """Return the guess with what only its further files show, if all files are small.

    The first file has the columns. Later years may have numbers with commas, rows that are there twice, or codes that
    lost their leading zeros, which `pad` restores. After a question its first answer is assumed, to find the next ones.
    """
    files = _paths(one.files, out)
    size = sum(path.stat().st_size for path in files)
    if one.table not in ("customs", "firms") or len(files) < 2 or size > LOOKED_THROUGH:
        return one
    columns = {} if one.as_read or one.choice is None else one.choice.renamed
    sheet = one.sheet or None
    options = Reading(source=one.source or None, layout=one.layout, pad=one.pad, columns=columns, sheet=sheet)
    problems = list(one.problems)
    for _ in range(LEAST + 1):  # the questions with an answer below, and the reading that follows them
        try:
            account = READERS[one.table](files, options=options).account
        except IntegradeError as raised:
            refused = [refused_by(problem) for problem in each_of(raised)]
            known = {problem.code for problem in problems}
            problems += [problem for problem in refused if problem.code not in known]
            answered = _with_answers(options, refused)
            if answered == options:
                break
            options = answered
        else:
            lost = dict(found for entry in account if (found := _lost_zeros(entry.reason)))
            return replace(
                one, problems=tuple(problems), pad={**lengths_of(lost), **one.pad}, lost=tuple(lost.values())
            )
    return replace(one, problems=tuple(problems))


def with_files_apart(one: Guess, out: Path) -> Guess:
    """Return the guess of prices with the one file of most years, if its files repeat each other; ask about the others.

    Editions of a series overlap: a file of 2012 to 2021 next to one of 2018 to 2022 with another base or basket.
    """
    files = _paths(one.files, out)
    if one.table != "prices" or len(files) < 2 or sum(path.stat().st_size for path in files) > LOOKED_THROUGH:
        return one
    columns = {} if one.as_read or one.choice is None else one.choice.renamed
    options = Reading(source=one.source or None, layout=one.layout, columns=columns, sheet=one.sheet or None)
    try:
        read_prices(files, options=options)
        return one
    except IntegradeError as raised:
        if any(problem.code != "D204" for problem in each_of(raised)):
            return one
    try:
        tables = [read_prices([path], options=options).polars() for path in files]
    except IntegradeError:
        return one
    years = [sorted(set(table["year"].cast(pl.Int64))) for table in tables]
    spans = ["-".join(str(year) for year in dict.fromkeys([of_file[0], of_file[-1]])) for of_file in years]
    best = max(range(len(files)), key=lambda i: (len(years[i]), years[i][-1]))
    said = "; ".join(f"{Path(name).name} {span}" for name, span in zip(one.files, spans, strict=True))
    others = tuple(f'files = ["{name}"]' for i, name in enumerate(one.files) if i != best)
    problem = Refused("D204", f"files repeat the same regions, goods and periods ({said}): one was taken", (), others)
    problems = (*one.problems, problem)
    return replace(one, files=(one.files[best],), years=spans[best], rows=tables[best].height, problems=problems)


def _with_answers(options: Reading, refused: Sequence[Refused]) -> Reading:
    """Return the options with the first answer to the questions about equal rows and decimal marks."""
    if any(key.startswith("duplicates") for problem in refused for key in problem.keys):
        options = replace(options, duplicates="drop")
    return replace(options, decimal=".") if any(problem.code == "D213" for problem in refused) else options


def _lost_zeros(reason: str) -> tuple[str, Lost] | None:
    """Return the column of codes that lost their zeros, by a warning of its reader; None for any other entry."""
    if not isinstance(reason, Said):
        return None
    given = reason.given
    if reason.key == "sources.firms-in-two-lengths":
        whole = str(given["whole"]).strip("'")
        return "firm", Lost("firm", len(whole), f"{given['short']} next to {given['whole']}")
    if reason.key == "sources.codes-of-odd-length":
        length = int(str(given["length"]))
        return "product", Lost("product", length + 1, f"codes of {length} digits")
    return None


def lengths_of(lost: Mapping[str, Lost]) -> dict[str, int]:
    """Return the full length of the codes of each column."""
    return {name: one.length for name, one in lost.items()}


def _paths(names: Sequence[str], out: Path) -> list[Path]:
    """Turn names in a study file, which are relative to its folder, into paths."""
    return [Path(os.path.normpath(out.absolute() / name)) for name in names]


def _continues(one: Guess, other: Guess) -> bool:
    """Return whether two files have separate years and the same table, with the same headings or the same source.

    The headings of customs records may differ.
    """
    if one.sheet != other.sheet:
        return False
    if one.source and (one.source, one.table, one.layout) == (other.source, other.table, other.layout):
        return bool(one.years and other.years) and _are_apart(one, other)
    if one.choice is None or other.choice is None or one.table != other.table or not one.years or not other.years:
        return False
    if one.as_read or other.as_read:
        return False
    apart = _are_apart(one, other)
    same = [c.heading for c in one.sample] == [c.heading for c in other.sample]
    if apart and not same and _have_other_headings(one, other):
        return True
    return apart and same and one.choice.renamed == other.choice.renamed and one.pad == other.pad


def _are_apart(one: Guess, other: Guess) -> bool:
    """Return whether all years of one file are before all years of the other."""
    return one.years.split("-")[-1] < other.years.split("-")[0] or other.years.split("-")[-1] < one.years.split("-")[0]
