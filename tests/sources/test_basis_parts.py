"""Files whose parts have another basis than the rest: some goods, some regions, the first years."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from each import each
from integrade.sources.basis.detection import detect
from integrade.sources.basis.parts import another, returns_of_parts

YEARS, REGIONS, GOODS = 10, 12, 8


def prices(seed: int, per_year: int) -> Any:
    """Price levels (T, N, K): national trends by good, and differences between regions that last."""
    random = np.random.default_rng(seed)
    periods, steps = YEARS * per_year, per_year**0.5
    nation = random.normal(0.03 / per_year, 0.01 / steps, (periods, 1, GOODS)).cumsum(axis=0)
    return np.exp(nation + random.normal(0, 0.02 / steps, (periods, REGIONS, GOODS)).cumsum(axis=0))


def calendar(per_year: int) -> list[tuple[int, ...]]:
    if per_year == 1:
        return [(2005 + t,) for t in range(YEARS)]
    return [(2005 + t // 12, t % 12 + 1) for t in range(YEARS * 12)]


def forms(level: Any, per_year: int) -> dict[str, Any]:
    """The same prices by their base: a base year, the period before, the same month of last year."""
    on = {"link": 1, "year_on_year": per_year}
    base = level[2 * per_year : 3 * per_year].mean(axis=0)
    made = {"fixed": 100 * level / base}
    for name, lag in on.items():
        made[name] = np.full_like(level, np.nan)
        made[name][lag:] = 100 * level[lag:] / level[:-lag]
    return made


def parts(what: str, per_year: int = 12) -> Any:
    early, some = slice(0, YEARS * per_year // 2), slice(0, 3)
    return {"periods": (early,), "regions": (slice(None), some), "goods": (slice(None), slice(None), some)}[what]


@each("what", ["periods", "regions", "goods"])
@each(("most", "few"), [("fixed", "link"), ("fixed", "year_on_year"), ("link", "fixed")])
def test_a_file_of_two_kinds_of_bases_is_never_taken_for_one(what: str, most: str, few: str) -> None:
    for seed in range(4):
        made = forms(prices(seed, 12), 12)
        values = made[most].copy()
        values[parts(what)] = made[few][parts(what)]
        assert detect(values.round(1), calendar(12)).basis in ("unknown", "mixed")


@pytest.mark.parametrize("at", [(slice(None), slice(10, 12)), (slice(None), slice(None), slice(6, 8))])
def test_some_regions_or_goods_of_a_new_base_are_seen_and_dated(at: Any) -> None:
    for seed in range(4):
        level = prices(seed, 1)
        values, again = 100 * level / level[1], 100 * level / level[7]
        values[7:][at] = again[7:][at]
        found = detect(values.round(1), calendar(1))
        assert found.basis in ("unknown", "mixed")
        assert "2012" in str(found.why)


def test_each_part_of_an_ordinary_file_agrees() -> None:
    for seed in range(3):
        for per_year in (1, 12):
            made = forms(prices(seed, per_year), per_year)
            for basis in ("fixed", "link"):
                assert detect(made[basis].round(1), calendar(per_year)).basis == basis


def test_a_wild_cell_is_no_return_of_a_region() -> None:
    logs = np.log(prices(1, 1))
    logs[4, 3, 2] += np.log(10)
    assert returns_of_parts(logs, []) is None


def test_parts_that_do_not_tell_speak_against_nothing() -> None:
    values = forms(prices(0, 1), 1)["fixed"]
    assert another(values, "fixed", lambda *_: "unknown") is None
    assert another(values, "unknown", lambda *_: "link") is None
