"""What is said of Anderson-Rubin sets agrees with the test beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import report_example as example
from integrade.subjects.instruments.tables import instrument_table, strength_table
from integrade.subjects.instruments.verdict import rejected, set_words
from integrade.subjects.instruments.weak_iv import ARSet, Instrumented, WeakIV, weak_iv
from integrade.verdicts.doubts import instruments as instruments_said
from integrade.wording.numerals import placed
from plainwords.texts import say, speaking


@pytest.fixture(scope="module")
def both() -> WeakIV:
    """A regressor and its square, instrumented by a variable and its square."""
    rng = np.random.default_rng(4)
    region, z = np.arange(600) % 20, rng.normal(size=600)
    market = z + rng.normal(size=600)
    y = market - 0.3 * market**2 + rng.normal(size=600)
    rows = pl.DataFrame({"region": region, "z": z, "market": market, "y": y})
    return weak_iv(rows, "y ~ 1 | region | market + market^2 ~ z + z^2", cluster="region", vcov="CR3", draws=0)


@pytest.mark.parametrize(
    ("p", "words", "chinese"),
    [
        (0.00001, "no single value of this coefficient is rejected", "任何单一取值"),
        (0.3, "every value (the test rejects no value)", "检验不能拒绝任何数值"),
    ],
)
def test_a_set_without_bound_does_not_deny_a_test_that_rejects(
    both: WeakIV, p: float, words: str, chinese: str
) -> None:
    """A projection that holds every value stood beside an Anderson-Rubin p < 0.0001 as "uninformative"."""
    line = ARSet("market", 1.5, "line", ((None, None),), projected=True)
    weak = replace(both, sets=(line,), sets_cr3=(line,), ar_p=p, ar_p_cr3=p)
    found = Instrumented("z", "given", "market", ("z", "z^2"), "", estimates={"2SLS": weak.fit}, weak=weak)
    results = replace(example.study(), instruments=(found,))
    table = strength_table([found])
    assert any(words in s for s in instruments_said(results))
    assert "every value" in [c for r in table.rows for c in r.cells]
    note = next(n for n in table.notes if n.startswith("“Every value”"))  # what that means is said once
    assert "can still reject that the treatment has no effect" in note
    assert "If the joint test does not reject, the data are uninformative" in note
    with speaking("zh"):
        assert any(chinese in s for s in instruments_said(results))


def test_a_p_equal_to_the_size_of_the_test_does_not_reject(both: WeakIV) -> None:
    assert both.level == 0.95
    assert [rejected(replace(both, ar_p_cr3=p)) for p in (6 / 120, 0.0499, 0.0501)] == [False, True, False]


def test_the_table_of_strength_says_where_slopes_are_taken_and_what_its_statistics_are_clustered_by(
    both: WeakIV,
) -> None:
    """F statistics of CR1 stood beside columns of CR3, and percentiles of a regressor whose values were nowhere."""
    found = Instrumented("z", "given", "market", ("z",), "", estimates={"2SLS": both.fit}, weak=both)
    table = strength_table([found])
    slope = next(s for s in both.sets_cr3 if s.target == "slope at p50")
    assert slope.at is not None
    assert f"95% set: slope at p50 ({placed(slope.at)})" in [r.cells[0] for r in table.rows]
    assert "z.95_set_slope_at_p50" in [r.key for r in table.rows]  # the address of no number
    plain = next(n for n in table.notes if "the F and C statistics" in n)
    assert "clustered by region" in plain
    assert "CR1" in plain
    iid = replace(both.fit, clusters={}, kind="iid")
    assert any("assume iid errors" in n for n in strength_table([replace(found, estimates={"2SLS": iid})]).notes)


def test_instruments_are_listed_with_the_squares_that_were_used(both: WeakIV) -> None:
    """A note said "and their squares if the square is instrumented", which the program knows."""
    found = Instrumented("z", "given", "market", ("z",), "", first=both.first_stage, estimates={"2SLS": both.fit})
    assert any("z, z²." in n for n in instrument_table(found).notes)
    linear = replace(found, first=())
    assert not any("²" in n for n in instrument_table(linear).notes)


def test_an_estimator_equal_to_2sls_has_no_note_on_its_weights(both: WeakIV) -> None:
    gmm = replace(both.fit, notes=(say("models_fit.gmm", errors="clusters"), say("models_fit.gmm-held")))
    found = Instrumented("z", "given", "market", ("z",), "", estimates={"2SLS": both.fit, "GMM": gmm})
    notes = instrument_table(found).notes
    assert any("coincide" in n for n in notes)
    assert not any("GMM" in n for n in notes)
    first, *others = gmm.coefficients
    apart = replace(gmm, coefficients=(replace(first, estimate=2 * first.estimate), *others))
    assert any("GMM" in n for n in instrument_table(replace(found, estimates={"2SLS": both.fit, "GMM": apart})).notes)


def test_halves_refer_to_the_table_on_noise_only_where_the_report_has_it(both: WeakIV) -> None:
    found = Instrumented("z", "split_goods", "market", ("z",), "", estimates={"2SLS": both.fit})
    assert not any("ORIV" in n for n in instrument_table(found).notes)
    assert any("ORIV" in n for n in instrument_table(found, with_noise=True).notes)


def test_one_regressor_has_no_projection() -> None:
    line = ARSet("market", 1.5, "line", ((None, None),), projected=False)
    assert set_words(line, effect=True) == set_words(line)
