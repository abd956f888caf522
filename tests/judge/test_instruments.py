"""What is said of Anderson-Rubin sets agrees with the test beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import report_example as example
from integrade.judge.doubts import instruments as instruments_said
from integrade.judge.instruments import set_words
from integrade.models.instruments.weak_iv import ARSet, Instrumented, WeakIV, weak_iv
from integrade.report.instrument_tables import strength_table
from integrade.texts import speaking


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
        (0.00001, "no value of it alone can be excluded, although the joint null of no effect is rejected", "单独看"),
        (0.3, "the data are uninformative", "没有提供信息"),
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
    assert "unbounded" in [c for r in table.rows for c in r.cells]
    note = next(n for n in table.notes if n.startswith("Unbounded"))  # what that means is said once
    assert "rejects, the joint null of no effect is rejected all the same" in note
    assert "does not, the data are uninformative" in note
    with speaking("zh"):
        assert any(chinese in s for s in instruments_said(results))


def test_one_regressor_has_no_projection() -> None:
    line = ARSet("market", 1.5, "line", ((None, None),), projected=False)
    assert set_words(line, effect=True) == set_words(line)
