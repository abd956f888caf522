"""Clean firm accounts by named rule sets; the account has a line with count and citation for every rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import narwhals as nw
import polars as pl

from integrade.engine.frames import Data, Frame, Table, collect, give_back, units_of
from integrade.errors import (
    EmptyTable,
    MissingColumn,
    UnitContradicted,
    UnknownName,
    UsageError,
    did_you_mean,
    mapped_as,
    option,
)
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import conform, to_numbers
from integrade.sources.tables.rules import ACCOUNTS, CITED, MILLIONS, Limits, Rule, RuleSet, rule_sets
from plainwords.account import Entry
from plainwords.texts import listed, say

Unit = Literal["yuan", "1000 yuan", "10000 yuan", "million yuan", None]
DOUBTED = {(2008, 2010): "sources.doubted-2008", (2011, 2013): "sources.doubted-2011"}


@dataclass(frozen=True)
class CleanFirms:
    """Options of `clean_firms`.

    Parameters
    ----------
    rules
        Rule sets in the order in which they are applied: cai_liu, feenstra_li_yu, brandt, nie_jiang_yang.
    min_employees
        Smallest number of persons employed; papers use 8 or 10.
    currency_unit
        Unit of the accounts. It is needed for the threshold of sales in nie_jiang_yang, unless sales were read with a
        unit (``units``, or their heading).
    absent
        What to do in a year in which no firm has the variable of a rule: keep the rows (the rule is then not tested,
        with a warning) or drop them.
    """

    rules: tuple[str, ...] | str = ("cai_liu",)
    min_employees: int = 8
    currency_unit: Unit = None
    absent: Literal["keep", "drop"] = "keep"


@keywords(CleanFirms)
def clean_firms(firms: Data, options: CleanFirms | None = None, **changes: Any) -> Data:
    """Drop firm-years by the rules of named papers, in their order.

    A row is counted at the first rule that drops it.

    Rule sets: cai_liu (Cai and Liu 2009), feenstra_li_yu (Feenstra, Li and Yu 2014), brandt (Brandt, Van Biesebroeck
        and Zhang 2012), nie_jiang_yang (Nie, Jiang and Yang 2012). `integrade.sources.tables.rules.rule_sets` lists the
        rules of each.

    Missing values: drop a row only if the rule contains "missing or"; a comparison with a missing value drops nothing.
        A rule whose columns the table lacks is skipped, with a note.

    Args:
        firms: firm accounts, one row per firm and year (or records as surveyed, `read_registry`), with the columns of
            `integrade.sources.tables.rules.ACCOUNTS`.
        options: see `CleanFirms`; or single options by name. ``rules`` is one name or several.

    Returns: the same table with fewer rows, one row per firm and year; the account has one line per rule, even for a
        rule that drops nothing.

    Raises: `UnknownName` for an unknown rule set, `MissingColumn` if no rule of a set can be applied, `NotANumber`,
        `EmptyTable` if no row is left.

    Example:
        >>> cleaned = clean_firms(firms, rules=("cai_liu", "feenstra_li_yu"))  # doctest: +SKIP
        >>> print(cleaned.account)  # doctest: +SKIP
    """
    chosen = _in_the_unit_read(choose(CleanFirms, options, changes), units_of(firms).get("sales", ""))
    sets = _chosen_sets(chosen)
    table = "registry" if isinstance(firms, Table) and firms.conformed == "registry" else "firms"
    door = conform(firms, table)
    there = [c for c in ACCOUNTS if c in door.columns and c not in ("assets", "founded")]
    frame = to_numbers(door.frame, there, table)
    for rule_set in sets:
        if not any(set(rule.needs) <= set(door.columns) for rule in rule_set.rules):
            needed = dict.fromkeys(n for rule in rule_set.rules for n in rule.needs)
            lacking = [n for n in needed if n not in door.columns]
            raise MissingColumn(
                f"no rule of {rule_set.name} can be applied: firms lacks {', '.join(lacking)}",
                remedy=f"map them with {mapped_as(lacking[0])} ({ACCOUNTS.get(lacking[0], lacking[0])})",
            )
    filled = [(~nw.col(c).is_null()).cast(nw.Int64).sum().alias(c) for c in ACCOUNTS if c in door.columns]
    by_year = collect(frame.group_by("year").agg(nw.len().alias("_rows"), *filled)).sort("year")
    steps = [(rule_set, rule) for rule_set in sets for rule in rule_set.rules]
    usable = [(rule_set, rule) for rule_set, rule in steps if set(rule.needs) <= set(door.columns)]
    notes = _not_applied(sets, door.columns, chosen) + _doubted(by_year)
    tests = []
    for rule_set, rule in usable:
        absent = _absent_years(rule, by_year) if chosen.absent == "keep" else []
        drops = rule.drops
        if absent:
            years = listed([str(year) for year in absent], "comma")
            warning = say("sources.year-without-variable", column=rule.tested[0], years=years)
            notes.append(Entry("clean", "firms", "warning", warning, 0))
            drops = drops & ~nw.col("year").is_in(absent)
        reason = say("sources.rule-dropped-after", rule=rule_set.name, what=rule.says, paper=rule_set.cite)
        tests.append((reason, drops))
    kept, entries = first_reason(frame, tests, table)
    return give_back(kept, firms, name=table, account=door.account + notes + entries, conformed=table)


def _in_the_unit_read(chosen: CleanFirms, unit: str) -> CleanFirms:
    """Set ``currency_unit`` to yuan if sales were converted to yuan when they were read.

    Raises `UnitContradicted` if sales were read in another currency and the user gives ``currency_unit``.
    """
    if not unit or (unit != "CNY" and chosen.currency_unit is None):
        return chosen
    if unit != "CNY":
        raise UnitContradicted(
            f"sales are in {unit} since they were read, but currency_unit is {chosen.currency_unit}",
            remedy="leave currency_unit out",
        )
    return replace(chosen, currency_unit="yuan")


def first_reason(frame: Frame, tests: Sequence[tuple[str, nw.Expr]], table: str) -> tuple[Frame, list[Entry]]:
    """Return the rows that no test drops, and for each test the number of rows that it is the first to drop.

    A test whose result is missing for a row does not drop the row. Raises `EmptyTable` if no row is left.
    """
    at = nw.lit(len(tests))
    for i, (_, drops) in reversed(list(enumerate(tests))):
        at = nw.when(drops.fill_null(False)).then(nw.lit(i)).otherwise(at)
    flagged = frame.with_columns(_at=at)
    counts = dict(collect(flagged.group_by("_at").agg(n=nw.len())).iter_rows())
    entries = [Entry("clean", table, "dropped", says, counts.get(i, 0)) for i, (says, _) in enumerate(tests)]
    left = counts.get(len(tests), 0)
    if not left:
        most = max(entries, key=lambda e: e.rows)
        raise EmptyTable(
            f"the rules leave no row of {table}",
            example=f"{most.rows:,} rows: {most.reason}",
            remedy="check units and columns, or leave the rule set out",
        )
    kept = flagged.filter(nw.col("_at") == len(tests)).drop("_at")
    return kept, [*entries, Entry("clean", table, "out", say("account.rows"), left)]


def _chosen_sets(chosen: CleanFirms) -> list[RuleSet]:
    """Return the rule sets that the options name, each once. Raises `UsageError` if they name none, `UnknownName`."""
    names = [chosen.rules] if isinstance(chosen.rules, str) else list(chosen.rules)
    if not names:
        raise UsageError("no rule set is named", remedy=f"give {option('rules', tuple(CITED))}, or some of them")
    millions = MILLIONS[chosen.currency_unit] if chosen.currency_unit else None
    known = rule_sets(Limits(chosen.min_employees, millions))
    for name in names:
        if name not in known:
            raise UnknownName(f"no rule set {name!r}", remedy=did_you_mean(name, known))
    return [known[name] for name in dict.fromkeys(names)]


def _absent_years(rule: Rule, by_year: pl.DataFrame) -> list[int]:
    """Return the years in which no firm has a variable, if the rule drops rows where that variable is missing.

    A variable that is missing in all years is ignored.
    """
    empty = [pl.col(c) == 0 for c in rule.tested if by_year[c].sum() > 0]
    years: list[int] = by_year.filter(pl.any_horizontal(empty))["year"].to_list() if empty else []
    return years


def _not_applied(sets: Sequence[RuleSet], columns: Sequence[str], chosen: CleanFirms) -> list[Entry]:
    """Note the rules that are skipped: the table lacks their columns, or the unit of the accounts is not known."""
    notes = []
    for rule_set in sets:
        for rule in rule_set.rules:
            absent = [n for n in rule.needs if n not in columns]
            if absent:
                reason = say(
                    "sources.rule-without-columns-for",
                    rule=rule_set.name,
                    columns=listed(absent, "comma"),
                    what=rule.says,
                )
                notes.append(Entry("clean", "firms", "note", reason, 0))
        if rule_set.name == "nie_jiang_yang" and chosen.currency_unit is None:
            reason = say("sources.rule-without-unit", rule=rule_set.name)
            notes.append(Entry("clean", "firms", "note", reason, 0))
    return notes


def _doubted(by_year: pl.DataFrame) -> list[Entry]:
    """Warn about years of the survey whose quality is in doubt (`DOUBTED`)."""
    notes = []
    for (first, last), why in DOUBTED.items():
        rows = int(by_year.filter(pl.col("year").is_between(first, last))["_rows"].sum())
        if rows:
            reason = say("sources.doubted-years", why=say(why), n=rows)
            notes.append(Entry("clean", "firms", "warning", reason, rows))
    return notes
