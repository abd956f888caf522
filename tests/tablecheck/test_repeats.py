"""Columns that print the same: found by looking up numbers, as if every pair were compared."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tablecheck.checks import estimates, repeats
from tablecheck.checks.estimates import check_estimates
from tablecheck.digits import tokens
from tablecheck.grid import Grid
from tablecheck.notes import Notes
from tablecheck.printed import Column, Estimate, PublishedTable


def column(values: dict[str, int], *, table: str = "t", outcome: str = "y", n: int = 500) -> Column:
    """A column whose coefficients are these tenths, with their standard errors."""
    (size,) = tokens(str(n))[0].values
    made = {
        t: Estimate(t, t, tokens(f"{v / 10:.1f}")[0].values[0], tokens("0.2")[0].values[0]) for t, v in values.items()
    }
    return Column(table, "", outcome, made, {"n": size})


TERMS = st.dictionaries(st.sampled_from([*"abcdef", "constant"]), st.integers(0, 2), min_size=2, max_size=7)
COLUMNS = st.lists(st.builds(column, TERMS, outcome=st.sampled_from("yz"), n=st.sampled_from([5, 6])), max_size=12)


@given(COLUMNS)
def test_copies_are_those_of_every_pair(columns: list[Column]) -> None:
    named = [replace(c, label=f"({n})") for n, c in enumerate(columns)]
    found = [f.where for f in repeats.check_copies(named)]
    assert found == [f.where for a, b in itertools.combinations(named, 2) for f in repeats._copies(a, b)]


@given(st.lists(TERMS, max_size=8), st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_no_pair_that_is_alike_is_left_out(columns: list[dict[str, int]], others: list[int]) -> None:
    found = repeats.pairs_alike(columns, others[: len(columns)])
    assert found == sorted(found)
    for (n, a), (m, b) in itertools.combinations(enumerate(columns), 2):
        if sum(a[t] != b.get(t) for t in a) <= others[n] < len(a):
            assert (n, m) in found


def test_columns_of_their_own_are_not_compared() -> None:
    columns = [{f"x{k}": (j, k) for k in range(20)} for j in range(300)]
    assert not repeats.pairs_alike(columns, [5] * 300)


def table_of(marks: str, count: int) -> PublishedTable:
    """A table whose marks no note explains, of ``count`` estimates that are significant at 1 %."""
    b, se = (tokens(t)[0].values[0] for t in (f"0.50{marks}", "0.10"))
    made = {f"x{k}": Estimate(f"x{k}", f"x{k}", b, loose={"(": se}) for k in range(count)}
    return PublishedTable(Grid("t", ()), Notes(), (Column("t", "(1)", "y", made),))


@pytest.mark.parametrize("count", [5, 40])
def test_no_rule_is_tried_after_one_that_explains_the_table(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []
    own = estimates.conflict
    monkeypatch.setattr(estimates, "conflict", lambda case: judged.append(case) or own(case))
    assert not list(check_estimates(table_of("***", count)))
    assert len(judged) == count
