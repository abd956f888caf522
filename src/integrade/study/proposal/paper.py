"""Write the sections of the paper's Tables 5 to 11 into a proposed study, as far as the columns allow them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from integrade.verdicts.mediator_roles import HUMAN_CAPITAL, RESEARCH, role_of
from plainwords.escaping import for_toml, one_line


class Column(NamedTuple):
    """A column of a joined table: its name in the panel, and whether it is in money."""

    name: str
    is_money: bool


class Split(NamedTuple):
    """A split of the paper: its table, its keys, and what it needs if the accounts lack a column.

    The keys name columns by their roles, in braces.
    """

    table: str
    roles: tuple[str, ...]
    keys: tuple[str, ...]
    lacking: str


SPLITS = (
    Split(
        "Table 8",
        ("ownership",),
        ('by = "{ownership}"', 'how = "ownership"   # state = ["110"]: the values that mean state-owned'),
        "a column of ownership or registration types",
    ),
    Split(
        "Table 9",
        ("industry", "fixed_assets", "employees"),
        ('by = "{industry}"', 'how = "intensity"', 'capital = "{fixed_assets}"', 'labour = "{employees}"'),
        'industry, fixed assets and employees; or how = "list" with file = a table of codes and their groups',
    ),
    Split("Table 10", ("year",), ('by = "{year}"', 'how = "period"', "first_of_later = {cut}"), ""),
    Split(
        "Table 11",
        ("area",),
        ('by = "{area}"', 'how = "area"   # East, Central, West'),
        "provinces of China; or a column of groups, with by alone",
    ),
)

CUT = 2008
"""First year of the later period in the paper's Table 10."""
WORDS = {HUMAN_CAPITAL: "human capital (Table 6, H2)", RESEARCH: "research (Table 7, H3)"}


def sections_of_the_paper(
    roles: Mapping[str, str], covariates: Sequence[Column], *, schooling: bool, years: str = ""
) -> list[str]:
    """Return the sections of lags, mediators and splits (Tables 5 to 11).

    ``roles``: what a column is -> its name in the panel; ``area`` is the column of regions if these are provinces of
    China. ``covariates`` are the columns that may be mediators. ``schooling``: there are shares by education, which
    give human capital. ``years`` of the accounts, such as ``2004-2013``: Table 10 is cut at 2008 if these have years
    before and from 2008, and otherwise in their middle. A section that lacks a column is a comment, which says what it
    needs.
    """
    lines = ["", "[lags]   # Table 5", "lags = [1, 2, 3]", "", *_mediation(covariates, schooling=schooling)]
    for split in SPLITS:
        lacks = any(role not in roles for role in split.roles)
        names = {role: roles.get(role, "region" if role == "area" else role) for role in split.roles}
        section = [f"[[groups]]   # {split.table}", *(key.format(**names, cut=_cut(years)) for key in split.keys)]
        if lacks:
            section = [f"# {split.table} needs {split.lacking}:", *(f"# {line}" for line in section)]
        lines += ["", *section]
    return lines


def _cut(years: str) -> int:
    """Return the first year of the later period."""
    ends = [int(year) for year in re.findall(r"\d{4}", years)]
    if not ends or min(ends) < CUT <= max(ends):
        return CUT
    return (min(ends) + max(ends) + 1) // 2


def _mediation(covariates: Sequence[Column], *, schooling: bool) -> list[str]:
    """Return the section of mediators: human capital and research, found by their names; else a comment.

    Research is spending before a ratio, as in the paper's tables; spending is taken in logarithms.
    """
    found = {HUMAN_CAPITAL: HUMAN_CAPITAL} if schooling else dict[str, str]()
    for column in sorted(covariates, key=lambda column: not column.is_money):
        term = f"log({column.name})" if column.is_money else column.name
        if role := role_of(column.name):
            found.setdefault(role, term)
    missing = [role for role in WORDS if role not in found]
    lines = [f"# no column names {WORDS[role]}; any column of a joined table can be a mediator" for role in missing]
    if covariates:
        lines.append(f"# columns of joined tables: {one_line(', '.join(column.name for column in covariates))}")
    if not found:
        return [*lines, "# [mediation]", '# mediators = ["..."]']
    named = ", ".join(for_toml(found[role]) for role in WORDS if role in found)
    section = [*lines, "[mediation]   # Tables 6 and 7", f"mediators = [{named}]"]
    research = found.get(RESEARCH, "")
    if research.startswith("log("):
        printed = f"ln({research.removeprefix('log(')}"
        section += ["", "[report]", f'labels = {{ {for_toml(printed)} = "RD" }}   # as the paper calls it']
    return section
