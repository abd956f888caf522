"""Estimate the regression in groups, and test the differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from integrade.engine.frames import Table
from integrade.errors import UsageError, option
from integrade.geography import Geography
from integrade.records.catalogue import flag_of
from integrade.records.needs import DRAWS, Column, File, Given, Holds, Only, Precondition
from integrade.records.question import Flags, question
from integrade.records.schema import column_word
from integrade.study.asked import Answer, Asked, OfFit, Told, judging, options_of, tried
from integrade.study.keys import record_of, with_keys_of
from integrade.study.sections import Draws, Strict
from integrade.subjects.groups.code_list import read_list
from integrade.subjects.groups.compare import Groups as Comparison
from integrade.subjects.groups.compare import adjust_family, compare_groups
from integrade.subjects.groups.industry_lists import Edition
from integrade.subjects.groups.order import in_order
from integrade.subjects.groups.records import GroupComparison, GroupSplit
from integrade.subjects.groups.splits import group_column, is_of_lists
from integrade.subjects.noise.halves import Halves
from plainwords.account import Entry
from plainwords.texts import say

if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults

EXAMPLE = """\
[[groups]]                     # Tables 8 on, one section each: the difference of groups is tested, not their stars
by = "ownership"               # a column of the panel
how = "ownership"              # state-owned or not; without how, each value of the column is a group
# title = "ownership"          # what the split is called; permute = "region": over what labels are permuted
# state = ["state", "110"]     # the values that mean state-owned
# order = ["state"]            # groups that stand first in the table
permutations = 199             # enough for p = 0.005 and quick; 999 or more for a paper

[[groups]]
by = "industry"
how = "intensity"              # capital- or labour-intensive two-digit industries
capital = "fixed_assets"
labour = "employees"
# intensity_from = "lists"     # (published) the paper's lists of industries; accounts: median of capital per worker
permutations = 199

# [[groups]]
# by = "industry"
# how = "list"                 # the groups of a file: two columns, code and group; two digits serve four-digit codes
# file = "intensity.csv"

[[groups]]
by = "year"
how = "period"                 # cut in the middle (published: 2008); first_of_later = 2008 for another cut

[[groups]]
by = "region"
how = "area"                   # East, Central, West
permutations = 199
"""


def _cut_within_years(section: Any, facts: Any) -> None:
    """Raise an error for a later period that begins in the first year or after the last year."""
    cut, years = section.first_of_later, facts.years
    if section.how == "period" and cut is not None and years and not min(years) < cut <= max(years):
        raise UsageError(
            f"{cut} leaves one period without years: the accounts are of {min(years)} to {max(years)}",
            remedy=f"give a year from {min(years) + 1} to {max(years)}"
            if min(years) < max(years)
            else "leave this [[groups]] section out: one year cannot be cut into two periods",
        )


def _titles_differ(section: Any, facts: Any) -> None:
    """Raise an error for two splits with the same title."""
    title = title_of(section)
    if sum(title_of(g) == title for g in facts.study.section("groups")) > 1:
        raise UsageError(f"two sections [[groups]] are called {title!r}", remedy='give one of them title = "..."')


def _list_reads(section: Any, facts: Any) -> None:
    """Raise an error for a file of groups that has no codes and groups."""
    if section.how == "list" and section.file and (facts.root / section.file).is_file():
        read_list(facts.root / section.file, section.by)


@with_keys_of(Comparison, "permutations", "permute")
class Groups(Strict):
    """Tables 8 on: the regression in groups, and tests of the differences. ``by`` is a column of the panel."""

    needs: ClassVar[tuple[Precondition, ...]] = (
        Holds(_cut_within_years, "first_of_later"),
        Holds(_titles_differ, "title"),
        Holds(_list_reads, "file"),
        Given("how", ("list",), "file"),
    )

    run: bool = True
    by: Annotated[str, Column()] = Field(description="a column of the panel")
    how: Literal["column", "ownership", "intensity", "period", "area", "list"] = Field(
        default="column", description="how groups are formed: by the values of the column, or from them"
    )
    file: Annotated[str | None, Only(File(), "how", ("list",))] = Field(
        default=None, description="for how list: a file with two columns, codes and their groups"
    )
    title: str = Field(default="", description="name of the split in the report")
    state: list[str] | None = Field(default=None, description="values of the column that mean state-owned")
    first_of_later: int | None = Field(default=None, description="first year of the later period")
    intensity_from: Literal["accounts", "lists"] = Field(
        default="accounts",
        description="for how intensity: median of capital per worker, or the paper's two lists of industries",
    )
    capital: Annotated[str, Only(Column(numbers=True), "measured", ("accounts",))] = Field(
        default="fixed_assets", description="for how intensity: column of capital"
    )
    labour: Annotated[str, Only(Column(numbers=True), "measured", ("accounts",))] = Field(
        default="employment", description="for how intensity: column of labour"
    )
    order: tuple[str, ...] = Field(
        default=(), description="groups that are listed first, in this order; other names are ignored"
    )
    permutations: Draws
    permute: Annotated[str | None, Column()]

    @property
    def measured(self) -> str:
        """How factor intensity is known (``intensity_from``); empty for another split."""
        return self.intensity_from if self.how == "intensity" else ""

    def choices(self) -> dict[str, Any]:
        """Return the options of this kind of split for the table of settings."""
        return {k: v for k, v in super().choices().items() if k != "intensity_from" or self.how == "intensity"}


OF_THE_PAPER = ("state", "non_state", "labour_intensive", "capital_intensive", "East", "West", "Central")
"""The groups in the columns of the paper's Tables 8, 9 and 11, from the left."""


@dataclass(frozen=True)
class GroupFlags:
    """The regression in groups.

    Parameters
    ----------
    by
        A column of groups: estimate in each group and test the differences.
    how
        Make the groups from the column: ownership (state-owned or not), intensity (of factors, by industry), period,
        area (of the geography: East, Central, West in China), list (of --group-list). Without --by, the column is the
        usual one for such groups.
    group_list
        A file of codes and their groups, for --how list: two columns, whatever their headings.
    """

    by: str | None = None
    how: Literal["ownership", "intensity", "period", "area", "list"] | None = None
    group_list: Annotated[str | None, File()] = None
    permutations: Annotated[int, DRAWS] = flag_of(Comparison, "permutations")


def _split(asked: Asked, section: Groups, account: list[Entry], halves: Halves | None) -> GroupSplit:
    """Compare the groups of a split, and add entries on its rows to the account."""
    chosen = asked.study.regression
    rows, by = grouped(asked.sample, section, asked.root, asked.geography, asked.study.report.industries)
    account += rows.account
    covered = [e.reason for e in rows.account if is_of_lists(e.reason)]
    how = options_of(chosen, wild=chosen.wild)
    options = record_of(section, Comparison, treatment=chosen.treatment, fit=how)
    surest = judging(how, chosen, asked.sample.columns)

    def compared(options: Comparison, halves: Halves | None) -> GroupComparison:
        found = compare_groups(rows, asked.formula, by, options, halves=halves)
        return in_order(replace(found, notes=(*covered, *found.notes)), section.order)

    comparison = compared(replace(options, fit=surest), halves)
    of_table = compared(replace(options, permutations=0), None) if surest != how else None
    return GroupSplit(section.how, title_of(section), comparison, of_table)


SOURCES = {"ownership": "ownership", "intensity": "industry", "period": "year", "area": "region", "list": "industry"}
"""Kind of groups -> the column from which they are usually made."""


def title_of(section: Groups) -> str:
    """Return the name of a split: its title, else the usual words, else its column."""
    usual = column_word(section.by) if section.how in ("column", "list") else say(f"splits.{section.how}")
    return section.title or usual


def named(section: Groups) -> str:
    """Return a name for a section: its column and, if it has one, its title."""
    return f"{section.by} ({section.title})" if section.title else section.by


def grouped(
    sample: pl.DataFrame,
    section: Groups,
    root: Path = Path(),
    where: Geography | None = None,
    edition: Edition | None = None,
) -> tuple[Table, str]:
    """Return the rows with a column of groups, and the name of this column.

    The path of a file of groups is relative to ``root``. ``where`` is the geography that defines areas, ``edition``
    that of the codes of industries.
    """
    table = Table("panel", sample)
    if section.how == "column":
        return table, section.by
    if section.how == "list":
        name = f"{section.by}_group"
        rows_of_list: Table = group_column(table, "list", name=name, codes=section.by, groups=root / str(section.file))
        return rows_of_list, name
    source = SOURCES[section.how]
    changes: dict[str, Any] = {"name": f"{section.how}_group", source: section.by}
    changes |= {"capital": section.capital, "labour": section.labour, "first_of_later": section.first_of_later}
    if section.how == "area":
        changes["geography"] = where
    if section.how == "intensity":
        changes |= {"intensity_from": section.intensity_from, **({"edition": edition} if edition else {})}
    if section.state is not None:
        changes["state"] = tuple(section.state)
    rows: Table = group_column(table, section.how, **changes)
    return rows, f"{section.how}_group"


def told(asked: OfFit, flags: GroupFlags) -> Iterator[Told]:
    """Yield the regression in each group and the differences."""
    if not (flags.by or flags.how):
        return
    if flags.how is None:
        rows, by = asked.table, str(flags.by)
    elif flags.how == "list":
        codes = flags.by or SOURCES["list"]
        if flags.group_list is None:
            raise UsageError(f"{option('how', 'list')} requires the list", remedy=f"add {option('group_list')} FILE")
        by = f"{codes}_group"
        rows = group_column(asked.table, "list", name=by, codes=codes, groups=flags.group_list)
    else:
        by, source = f"{flags.how}_group", SOURCES[flags.how]
        changes: dict[str, Any] = {"name": by, source: flags.by or source}
        rows = group_column(asked.table, flags.how, **changes)
    options = Comparison(treatment=asked.treatment, permutations=flags.permutations, fit=asked.fit)
    comparison = compare_groups(rows, asked.formula, by, options)
    yield Told("groups", comparison, comparison.sheet().text())


def _entered(results: StudyResults, found: tuple[GroupSplit, ...]) -> StudyResults:
    """Add the splits to the results, with one test per split, adjusted over the splits."""
    family = tuple(adjust_family({s.title: s.comparison for s in found})) if found else ()
    return replace(results, groups=found, group_family=family)


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return tables 8, 9 and so on: one for each split."""
    from integrade.subjects.groups.tables import group_table
    from integrade.verdicts.naming import group_numbers

    splits = zip(group_numbers(results), results.groups, strict=True)
    return [
        group_table(split, results.group_family, results.labels, number=number, splits=results.groups)
        for number, split in splits
    ]


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    from integrade.report.document import under
    from integrade.verdicts import answers
    from integrade.verdicts.naming import group_numbers

    numbers = sorted(group_numbers(results), key=int)
    shown = [block for n in numbers for block in (*made.figure(f"groups{n}"), *made.table(n))]
    return under(answers.groups(results), [*made.figure("heterogeneity"), *shown])


@question(
    "groups",
    place=30,
    options=Groups,
    result=tuple[GroupSplit, ...],
    several=True,
    steps=("prices", "integration"),
    reads=("noise",),
    part="results",
    section=60,
    tables=tables,
    places=("8+",),
    printed=printed,
    enter=_entered,
    flags=Flags(GroupFlags, "Groups and tables", told),
    published={"order": OF_THE_PAPER, "first_of_later": 2008, "intensity_from": "lists"},
    functions=("compare_groups", "group_column", "industry_intensity", "adjust_family"),
    example=EXAMPLE,
    seconds=1.5,
)
def groups(asked: Asked, sections: tuple[Groups, ...]) -> Answer:
    """Do firms of different kinds respond differently?"""
    sentences, account = list[str](), list[Entry]()
    halves = asked.halves()
    splits = [
        tried(
            sentences,
            "left_out.groups",
            partial(_split, asked, g, account, halves),
            by=named(g),
            how=g.how,
            title=title_of(g),
        )
        for g in sections
    ]
    return Answer(tuple(s for s in splits if s), tuple(sentences), tuple(account))
