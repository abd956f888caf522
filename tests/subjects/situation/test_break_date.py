"""One break in a short series: R's strucchange, least squares date by date, and simulated dates."""

from __future__ import annotations

import math

import numpy as np
import pytest

from integrade.errors import NotANumber, NotIdentified, TooFew, UsageError
from integrade.subjects.situation.break_date import bai_quantile, break_date

SERIES = (4.10, 4.22, 4.15, 4.31, 4.18, 4.25, 4.29, 4.61, 4.55, 4.70, 4.58, 4.66, 4.72, 4.69)
NILE = (
    1120,
    1160,
    963,
    1210,
    1160,
    1160,
    813,
    1230,
    1370,
    1140,
    995,
    935,
    1110,
    994,
    1020,
    960,
    1180,
    799,
    958,
    1140,
    1100,
    1210,
    1150,
    1250,
    1260,
    1220,
    1030,
    1100,
    774,
    840,
    874,
    694,
    940,
    833,
    701,
    916,
    692,
    1020,
    1050,
    969,
    831,
    726,
    456,
    824,
    702,
    1120,
    1100,
    832,
    764,
    821,
    768,
    845,
    864,
    862,
    698,
    845,
    744,
    796,
    1040,
    759,
    781,
    865,
    845,
    944,
    984,
    897,
    822,
    1010,
    771,
    676,
    649,
    846,
    812,
    742,
    801,
    1040,
    860,
    874,
    848,
    890,
    744,
    749,
    838,
    1050,
    918,
    986,
    797,
    923,
    975,
    815,
    1020,
    906,
    901,
    1170,
    912,
    746,
    919,
    718,
    714,
    740,
)


def test_f_date_and_bai_interval_are_those_of_strucchange() -> None:
    """R 4.5, strucchange 1.5-4: Fstats(y ~ 1, from = 2), breakpoints(breaks = 1), confint(het.err = FALSE)."""
    found = break_date(range(2001, 2015), SERIES, draws=99)
    assert found.sup_f == pytest.approx(129.553384175, rel=1e-11)  # printed with 12 digits
    assert (found.last_before, found.bai_low, found.bai_high) == (2007, 2006, 2008)
    nile = break_date(range(1871, 1971), NILE, draws=99)
    assert nile.sup_f == pytest.approx(75.9297694275, rel=1e-11)
    assert (nile.last_before, nile.bai_low, nile.bai_high) == (1898, 1895, 1901)
    trend = break_date(range(2001, 2015), SERIES, model="trend", draws=99)
    assert trend.sup_f == pytest.approx(19.9584654202, rel=1e-11)
    assert trend.last_before == 2007
    assert trend.bai_low is None


@pytest.mark.parametrize("model", ["level", "trend"])
def test_every_f_is_that_of_two_regressions(model) -> None:
    y = np.random.default_rng(3).normal(0, 1, 17)
    found = break_date(range(2000, 2017), y, model=model, trim=0.2, draws=9)
    x = np.ones((17, 1)) if model == "level" else np.column_stack([np.ones(17), np.arange(17.0)])

    def ssr(rows: slice) -> float:
        b = np.linalg.lstsq(x[rows], y[rows], rcond=None)[0]
        return float(((y[rows] - x[rows] @ b) ** 2).sum())

    for i, (year, value, _, f) in enumerate(found.path):
        assert (year, value) == (2000 + i, y[i])
        inside = i + 1 >= found.shortest and 17 - i - 1 >= found.shortest
        if inside:
            two = ssr(slice(0, i + 1)) + ssr(slice(i + 1, None))
            own = (ssr(slice(None)) - two) / (two / (17 - 2 * x.shape[1]))
            assert f == pytest.approx(own, rel=1e-9)
        else:
            assert f is None
    assert found.sup_f == max(f for *_, f in found.path if f is not None)


def test_bai_quantile_is_that_of_the_argmax_of_a_drifting_walk() -> None:
    """Published: 7.69 and 11.03. The law itself from 3,000 walks on a grid of 0.02: quantiles within 6%."""
    assert bai_quantile(0.95) == pytest.approx(7.687, abs=0.001)
    assert bai_quantile(0.975) == pytest.approx(11.033, abs=0.001)
    random, dt = np.random.default_rng(1), 0.02
    s = dt * np.arange(1, 2501)
    walks = np.cumsum(random.normal(0, math.sqrt(dt), (3000, 2, len(s))), axis=2) - s / 2
    best, at = walks.max(axis=2), walks.argmax(axis=2)
    side = best.argmax(axis=1)
    place = np.where(best.max(axis=1) > 0, s[at[np.arange(3000), side]], 0.0)
    assert np.quantile(place, 0.90) == pytest.approx(bai_quantile(0.95), rel=0.06)


def test_p_value_has_its_size_in_ten_years_and_the_set_its_coverage() -> None:
    """10 years, no break: p < .1 in 10% of 120 series (s.e. 2.7%). A break of 2 s.d.: the 95% set holds its date."""
    random = np.random.default_rng(7)
    years = range(2004, 2014)
    small = sum(break_date(years, random.normal(0, 1, 10), draws=199).p_value <= 0.1 for _ in range(120))
    assert 3 <= small <= 22
    held = bai = 0
    for _ in range(80):
        found = break_date(years, random.normal(0, 1, 10) + 2.0 * (np.arange(10) > 4), draws=199)
        held += 2008 in found.dates
        bai += found.bai_low is not None and found.bai_high is not None and found.bai_low <= 2008 <= found.bai_high
    assert held >= 70  # 95% less three standard errors
    assert bai < held  # the asymptotic interval is the shorter one in ten years


def test_a_persistent_series_is_not_taken_for_a_break() -> None:
    random = np.random.default_rng(11)
    found = []
    for _ in range(40):
        e = random.normal(0, 1, 40)
        for t in range(1, 40):
            e[t] += 0.7 * e[t - 1]
        found.append(break_date(range(40), e, draws=199))
    naive, own = (np.mean([getattr(b, p) <= 0.05 for b in found]) for p in ("p_value", "p_persistent"))
    assert naive > 0.4
    assert own < naive - 0.2


def test_a_line_is_told_from_a_break_and_long_series_use_the_limit() -> None:
    t = np.arange(14.0)
    noise = np.random.default_rng(2).normal(0, 0.05, 14)
    line, step = break_date(range(14), 0.1 * t + noise, draws=99), break_date(range(14), (t > 6) + noise, draws=99)
    assert line.bic_line < line.bic_break
    assert step.bic_break < step.bic_line
    assert step.p_value == 0.01  # the smallest of 99 draws
    long = break_date(range(1871, 1971), NILE, draws=9)
    y = np.array(NILE, dtype=float)
    ssr = [
        ((y[: k + 1] - y[: k + 1].mean()) ** 2).sum() + ((y[k + 1 :] - y[k + 1 :].mean()) ** 2).sum()
        for k in range(14, 85)
    ]
    ratio = 100 * np.log(np.array(ssr) / min(ssr))
    assert list(long.dates) == [1885 + int(i) for i in np.flatnonzero(ratio <= 7.3522)]  # -2 ln(1 - sqrt(.95))


def test_what_cannot_be_dated_is_refused() -> None:
    with pytest.raises(TooFew, match="six years"):
        break_date(range(5), [1, 2, 3, 4, 5])
    with pytest.raises(TooFew, match="leave 1 date to choose from"):
        break_date(range(6), [1, 2, 3, 4, 5, 7], model="trend")
    with pytest.raises(NotIdentified, match="does not vary"):
        break_date(range(10), [2.0] * 10)
    with pytest.raises(NotANumber, match="not consecutive after 2003"):
        break_date([2001, 2002, 2003, 2005, 2006, 2007, 2008], range(7))
    with pytest.raises(UsageError, match="model='mean'"):
        break_date(range(10), range(10), model="mean")  # type: ignore[arg-type]


def test_it_shows_itself() -> None:
    text = str(break_date(range(2001, 2015), SERIES, series="nation", draws=99))
    assert "last year before the break" in text
    assert "nation, 2001 to 2014: 14 years, each regime at least 2" in text
