"""Gather the contradictions of a table that have one cause.

A misprint is in one cell. If many cells contradict each other in the same way, the table was read wrongly, or its note
is wrong: one doubt on the table says so, and names the reading under which the cells agree.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from tablecheck.checks.consistency import Case, Cell, case_of, cells_of, conflict, missing_stars
from tablecheck.checks.rules import STARS, Rule, as_kinds
from tablecheck.printed import Column, Estimate, PublishedTable

MOST, SHARE = 3, 0.1
"""More contradictions of one kind than `MOST`, and than this share of the comparable estimates, are not misprints."""


@dataclass(frozen=True)
class Judged:
    """An estimate with its printed facts that contradict each other (`consistency.conflict`); empty if all agree."""

    cell: Cell
    case: Case
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cause:
    """Contradictions of one kind in a part of a table.

    ``facts`` are the facts that contradict each other. ``of`` is the number of estimates in the part for which all
    these facts are printed. ``part`` names a column or a row, and is empty for the whole table. ``reading`` is a
    reading under which nothing in the part contradicts, or empty. No other reading is tried for a row (``is_row``).
    """

    facts: tuple[str, ...]
    members: tuple[Judged, ...]
    of: int
    part: str = ""
    reading: str = ""
    is_row: bool = False


PartOf = Callable[[Cell], str]


def common_causes(table: PublishedTable, rule: Rule, judged: Sequence[Judged], *, absolute: bool) -> list[Cause]:
    """Return the causes that make several cells contradict: of the whole table, then of columns, then of rows.

    ``judged`` are all estimates of the table under ``rule``. No cell belongs to two causes.
    """
    causes: list[Cause] = []
    left = list(judged)
    for part_of in (_table, _column, _row):
        for cause in _in_parts(judged, left, part_of):
            may_be_reread = part_of is not _row and len(cause.members) > 1
            reading = _explaining(table, rule, cause, absolute=absolute) if may_be_reread else ""
            if reading or _is_systematic(cause):
                causes.append(replace(cause, reading=reading, is_row=part_of is _row))
                gone = set(map(id, cause.members))
                left = [one for one in left if id(one) not in gone]
    return causes


def _table(_: Cell) -> str:
    return ""


def _column(cell: Cell) -> str:
    return cell.column.label


def _row(cell: Cell) -> str:
    return cell.estimate.term


def _is_systematic(cause: Cause) -> bool:
    """Return whether a kind of contradiction is too frequent in its part for misprints.

    In a table these are more than `MOST`, and more than `SHARE` of the comparable estimates; or more than half of them,
    if the stars are not involved; or more than one, if t contradicts the sign alone. In a column or a row these
    are more than `MOST`, or every comparable estimate contradicts. That takes three estimates, and two if the stars are
    not involved: the numbers below the estimates then belong to something else.
    """
    count, of_stars = len(cause.members), "stars" in cause.facts
    if cause.facts == ("t",):  # one sign may be a slip; several show that the numbers are no t, or have no signs
        return count > 1
    if not cause.part:
        return count > max(MOST, SHARE * cause.of) or (not of_stars and 1 < count > cause.of / 2)
    return count > MOST or (count == cause.of and count >= (3 if of_stars else 2))


AGREE = 4
"""Number of estimates that must agree, for each one that contradicts, with a reading that no note states."""


def is_established(judged: Sequence[Judged], one: Judged, *, is_drawn: bool) -> bool:
    """Return whether the kinds of the numbers that contradict each other are stated, or confirmed by other estimates.

    Other estimates confirm the kind of the numbers in a bracket if `AGREE` times as many agree as contradict. With
    ``is_drawn``, stated kinds need that, too: in a PDF the cells of a table are found by their place on the page.
    """
    unstated = _brackets(one)
    if not is_drawn and not unstated - {"wald"}:
        return True
    alike = [other for other in judged if _has(other.case, one.facts) and unstated <= set(other.cell.estimate.loose)]
    against = sum(bool(other.facts) for other in alike)
    return len(alike) - against >= AGREE * against


def _brackets(one: Judged) -> set[str]:
    """Return the brackets of contradicting numbers whose kind the table does not state."""
    contradicting = [one.case.kinds[fact] for fact in one.facts if fact in one.case.kinds]
    return {key for key, number in one.cell.estimate.loose.items() if any(number is n for n in contradicting)}


def _in_parts(judged: Sequence[Judged], left: Sequence[Judged], part_of: PartOf) -> Iterator[Cause]:
    """Yield the contradictions of each part and kind, with the number of comparable estimates."""
    groups: dict[tuple[str, tuple[str, ...]], list[Judged]] = defaultdict(list)
    for one in left:
        if one.facts:
            groups[part_of(one.cell), one.facts].append(one)
    for (part, facts), members in groups.items():
        of = sum(part_of(one.cell) == part and _has(one.case, facts) for one in judged)
        yield Cause(facts, tuple(members), of, part)


def _has(case: Case, facts: Sequence[str]) -> bool:
    """Return whether all facts are printed for an estimate."""
    has = {"stars": case.stars is not None, "interval": case.estimate.interval is not None}
    return all(has.get(fact, fact in case.kinds) for fact in facts)


def _explaining(table: PublishedTable, rule: Rule, cause: Cause, *, absolute: bool) -> str:
    """Return the first other reading under which no estimate of a table or column contradicts; empty if none."""
    columns = [c for c in table.columns if not cause.part or c.label == cause.part]
    for reading in _readings(rule, cause):
        cells = cells_of(replace(table, columns=tuple(map(reading.reread, columns))))
        other = replace(rule, levels=reading.levels)
        unsigned = absolute or reading.unsigned
        pairs = list(zip(cells, missing_stars(cells, other), strict=True))
        if not any(conflict(case_of(c, other, absolute=unsigned, missing=s != "open")) for c, s in pairs):
            return reading.name
    return ""


class Reading(NamedTuple):
    """Another reading: a function that reads a column anew, and the levels of the stars.

    With ``unsigned``, t statistics may be printed without their sign.
    """

    name: str
    reread: Callable[[Column], Column]
    levels: Mapping[str, float]
    unsigned: bool = False


def _readings(rule: Rule, cause: Cause) -> Iterator[Reading]:
    """Yield other readings of contradicting facts.

    Every reading compares as many numbers as the first one, so that it does not explain a cell by leaving it out. Other
    brackets and other stars are combined only if the table states neither.
    """
    facts, is_open = cause.facts, not rule.stated and all(map(_brackets, cause.members))
    others = {name: lv for name, lv in STARS.items() if lv != rule.levels and set(rule.levels) <= set(lv)}
    if "stars" in facts and rule.stated:
        yield from (Reading(f"stars at {name}", _same, levels) for name, levels in others.items())
    for old, new, name in _SWAPS:
        if old in facts:
            swapped, unsigned = _swapped(rule, old, new), new == "t"
            yield Reading(name, swapped, rule.levels, unsigned)
            if "stars" in facts and is_open:
                for level, levels in others.items():
                    yield Reading(f"{name}, and stars at {level}", swapped, levels, unsigned)
    yield Reading("a minus sign printed as the digit 2", _with_minus, rule.levels)
    if "se" in facts:
        yield Reading("exponentiated coefficients", partial(_logarithms, rule), rule.levels)
    if "stars" in facts:
        yield Reading("one-sided tests", _one_sided, rule.levels)


def _one_sided(column: Column) -> Column:
    return replace(column, notes=replace(column.notes, one_sided=True))


def _with_minus(column: Column) -> Column:
    """Read a 2 at the beginning of each coefficient with decimals as a minus, as some fonts of PDF have it."""
    return replace(column, estimates={term: with_minus(e) for term, e in column.estimates.items()})


def with_minus(estimate: Estimate) -> Estimate:
    """Read a coefficient such as ``20.0034`` as ``-0.0034``; without such a 2 the estimate is returned as it is."""
    b = estimate.b
    match = re.match(r"2(\d*\.\d+)", b.text) if b is not None else None
    if b is None or match is None:
        return estimate
    value, half = -float(match[1]), b.half
    return replace(estimate, b=replace(b, value=value, low=value - half, high=value + half))


def _logarithms(rule: Rule, column: Column) -> Column:
    """Read coefficients as exponentiated, with standard errors by the delta method: t = ln(b) b / s.e.

    A column with a coefficient that is not positive is returned as it is.
    """
    read = {}
    for term, estimate in column.estimates.items():
        b, se = estimate.b, as_kinds(estimate, rule).get("se")
        if b is not None and b.low <= 0:
            return column
        if b is not None and se is not None:
            logs = replace(b, value=math.log(b.value), low=math.log(b.low), high=math.log(b.high))
            ratio = replace(se, value=se.value / b.value, low=se.low / b.high, high=se.high / b.low)
            loose = {key: number for key, number in estimate.loose.items() if number is not se}
            estimate = replace(estimate, b=logs, se=ratio, loose=loose)
        read[term] = estimate
    return replace(column, estimates=read)


def _same(column: Column) -> Column:
    return column


_SWAPS = (
    ("se", "t", "t statistics in place of standard errors"),
    ("se", "p", "p-values in place of standard errors"),
    ("t", "se", "standard errors in place of t statistics"),
    ("p", "se", "standard errors in place of p-values"),
    ("p", "t", "t statistics in place of p-values"),
)


def _swapped(rule: Rule, old: str, new: str) -> Callable[[Column], Column]:
    """Return a function that reads the numbers of one kind in a column as those of another kind."""

    def estimate_with(estimate: Estimate) -> Estimate:
        kinds = as_kinds(estimate, rule)
        if old not in kinds or new in kinds:
            return estimate
        kinds[new] = kinds.pop(old)
        return replace(estimate, loose={}, se=kinds.get("se"), t=kinds.get("t"), p=kinds.get("p"))

    def column_with(column: Column) -> Column:
        return replace(column, estimates={k: estimate_with(e) for k, e in column.estimates.items()})

    return column_with
