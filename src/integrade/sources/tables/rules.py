"""Define the cleaning rules of papers on Chinese firm accounts: what each rule drops and needs, and its paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import narwhals as nw

from plainwords.texts import say

ACCOUNTS: Mapping[str, str] = {
    "assets": "total assets",
    "net_fixed_assets": "net value of fixed assets",
    "fixed_assets": "fixed assets, total",
    "current_assets": "current (liquid) assets",
    "sales": "main business revenue",
    "gross_output": "gross output",
    "value_added": "value added",
    "intermediate_inputs": "intermediate inputs",
    "employees": "persons employed",
    "founded": "founding year",
    "founded_month": "founding month",
    "depreciation": "depreciation of the year",
    "accumulated_depreciation": "accumulated depreciation",
    "paid_in_capital": "paid-in capital",
    "state_capital": "state-owned part of paid-in capital",
    "capital_at_cost": "fixed assets at original cost",
}
"""Columns of firm accounts that rules and controls use, by unit: currency of the accounts, persons, years, months."""

THRESHOLDS = ((1998, 5.0), (2011, 20.0))
"""Pairs of a year and the smallest sales, in million yuan, of the firms that the survey covers from that year on."""

MILLIONS = {"yuan": 1e-6, "1000 yuan": 1e-3, "10000 yuan": 1e-2, "million yuan": 1.0}
"""For each unit of the accounts, its value in million yuan."""


class Rule(NamedTuple):
    """Rule: its reason in the account, the columns it needs, and the rows it drops.

    ``tested``: columns whose missing values drop a row. In a year without any value in such a column, the rule would
    drop every row.
    """

    says: str
    needs: tuple[str, ...]
    drops: nw.Expr
    tested: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleSet:
    """Rules of one paper."""

    name: str
    cite: str
    reference: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Limits:
    """Limits that the rules use: fewest employees, and the unit of the accounts in million yuan (None if unknown)."""

    employees: int
    millions: float | None


CITED = {
    "cai_liu": ("Cai and Liu (2009)", "Cai, H. and Liu, Q. (2009), Economic Journal 119, 764-795"),
    "feenstra_li_yu": (
        "Feenstra, Li and Yu (2014)",
        "Feenstra, R., Li, Z. and Yu, M. (2014), Review of Economics and Statistics 96, 729-744",
    ),
    "brandt": (
        "Brandt, Van Biesebroeck and Zhang (2012)",
        "Brandt, L., Van Biesebroeck, J. and Zhang, Y. (2012), Journal of Development Economics 97, 339-351",
    ),
    "nie_jiang_yang": ("Nie, Jiang and Yang (2012)", "Nie, H., Jiang, T. and Yang, R. (2012), World Economy (Chinese)"),
}
"""For each rule set, its citation in the account, and the paper."""


def rule_sets(limits: Limits) -> Mapping[str, RuleSet]:
    """Return every rule set by name, with these limits.

    cai_liu drops rows with total assets, net fixed assets, sales or gross output missing or negative; and rows with
    employees missing or fewer than `Limits.employees`. feenstra_li_yu drops rows with current, total fixed or net fixed
    assets above total assets; with a month of founding outside 1..12; and with a founding year after the year of the
    row. brandt drops rows with output, value added, intermediate inputs or fixed assets at original cost missing or not
    positive; and rows as cai_liu does for employees. nie_jiang_yang drops the same rows for employees. It also drops
    rows with total assets, net fixed assets, sales or gross output missing or not positive, sales below the survey's
    threshold, parts above the whole, depreciation of the year above accumulated depreciation, or paid-in capital not
    positive. A missing value drops a row only where "missing" is written here.
    """
    key = ("assets", "net_fixed_assets", "sales", "gross_output")
    employees = nw.col("employees")
    too_few = say("sources.missing-or-fewer", column="employees", n=str(limits.employees))
    few = Rule(too_few, ("employees",), employees.is_null() | (employees < limits.employees), ("employees",))
    parts = tuple(_above(part, "assets") for part in ("current_assets", "fixed_assets", "net_fixed_assets"))
    founding = (
        Rule(say("sources.founding-month"), ("founded_month",), ~nw.col("founded_month").is_between(1, 12)),
        Rule(say("sources.founded-later"), ("founded",), nw.col("founded") > nw.col("year")),
    )
    produced = ("gross_output", "value_added", "intermediate_inputs", "capital_at_cost")
    pitfalls = (_above("depreciation", "accumulated_depreciation"), _not_positive("paid_in_capital"))
    rules = {
        "cai_liu": (*map(_missing_or_negative, key), few),
        "feenstra_li_yu": (*parts, *founding),
        "brandt": (*map(_missing_or_not_positive, produced), few),
        "nie_jiang_yang": (*map(_missing_or_not_positive, key), few, *_below_threshold(limits), *parts, *pitfalls),
    }
    return {name: RuleSet(name, *CITED[name], steps) for name, steps in rules.items()}


def _missing_or_negative(column: str) -> Rule:
    value = nw.col(column)
    return Rule(say("sources.missing-or-negative", column=column), (column,), value.is_null() | (value < 0), (column,))


def _missing_or_not_positive(column: str) -> Rule:
    value, says = nw.col(column), say("sources.missing-or-not-positive", column=column)
    return Rule(says, (column,), value.is_null() | (value <= 0), (column,))


def _not_positive(column: str) -> Rule:
    return Rule(say("account.not-positive", column=column), (column,), nw.col(column) <= 0)


def _above(part: str, whole: str) -> Rule:
    return Rule(say("sources.above-whole", part=part, whole=whole), (part, whole), nw.col(part) > nw.col(whole))


def _below_threshold(limits: Limits) -> tuple[Rule, ...]:
    """Drop rows with sales below the threshold of the survey, if the unit of the accounts is known."""
    if limits.millions is None:
        return ()
    threshold = nw.lit(0.0)
    for first, least in THRESHOLDS:
        threshold = nw.when(nw.col("year") >= first).then(nw.lit(least / limits.millions)).otherwise(threshold)
    return (Rule(say("sources.below-threshold"), ("sales",), nw.col("sales") < threshold),)
