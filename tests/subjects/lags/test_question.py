"""What the question on lags warns of: regressions of all years together that could not be made."""

from __future__ import annotations

from integrade.subjects.lags.model import lag_table
from integrade.subjects.lags.question import left_out
from panels import panel

FORMULA = "y ~ market + market^2 + scale | firm + year"


def test_a_placebo_that_could_not_be_estimated_is_a_warning() -> None:
    short = panel(9, years=3, regions=4)
    found = lag_table(short, FORMULA, lags=(1,), leads=(1,), include_square=False, cluster="region")
    assert found.placebo is None
    warned = left_out(found)
    assert [e.kind for e in warned] == ["warning"] * len(found.notes)
    assert any("distributed lag with leads is not estimated" in e.reason for e in warned)


def test_the_published_layout_and_a_whole_table_warn_of_nothing() -> None:
    table = panel(8, movers=0)
    assert left_out(lag_table(table, FORMULA, lags=(1,), cluster="region")) == ()
    published = lag_table(table, FORMULA, on="both", lags=(1,), cluster="region")
    assert published.notes
    assert left_out(published) == ()
