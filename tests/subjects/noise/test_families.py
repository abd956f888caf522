"""Goods that share shocks: they are found, they stay in one half, and verdicts that they could make are left open."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.errors import TooFew, UnknownName
from integrade.integration.options import RelativePrice
from integrade.subjects.noise.halves import FEWEST, halves_of, kinship_of
from other_economy import Design, draw

LINKS = RelativePrice(basis="link")
ALONE = [[k] for k in range(12)]
FAMILIES = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


def changes(seed: int, rho: float, *, calm: float = 0.0) -> np.ndarray:
    """Price changes (10, 31, 12) of goods in families of four that correlate by rho; regions differ in size."""
    random = np.random.default_rng(seed)
    shared = np.repeat(random.normal(size=(10, 31, 3)), 4, axis=2)
    own = random.normal(size=(10, 31, 12))
    size = np.exp(calm * random.normal(size=(10, 31, 1)))
    return np.asarray(size * (np.sqrt(rho) * shared + np.sqrt(1 - rho) * own))


def test_independent_goods_are_not_taken_for_relatives() -> None:
    """Nothing matters also if regions and years differ much in the size of their changes."""
    found = [kinship_of(changes(seed, 0.0), ALONE, 1) for seed in range(10)]
    assert sum(k is not None and k.p_value <= 0.05 for k in found) <= 2  # of 10 at 5%; 3 or more in 1.2% of such runs
    assert not any(k is None or k.matters for k in found)
    calm = [kinship_of(changes(seed, 0.0, calm=0.8), ALONE, 1) for seed in range(5)]
    assert not any(k is None or k.matters for k in calm)


def test_families_are_found_and_declared_families_are_not_counted() -> None:
    """Of 66 pairs, 18 correlate by .6: a mean square of .098, less what the means over goods take away."""
    found = kinship_of(changes(1, 0.6), ALONE, 1)
    assert found is not None
    assert found.matters
    assert found.excess == pytest.approx(0.36 * 18 / 66, abs=0.03)
    declared = kinship_of(changes(1, 0.6), FAMILIES, 1)
    assert declared is not None
    assert not declared.matters
    assert abs(declared.excess) < 0.01
    assert kinship_of(changes(1, 0.6)[:, :, :8], FAMILIES[:2], 1) is None


def test_goods_of_a_family_stay_in_one_half() -> None:
    prices = draw(Design(goods=10, regions=8, years=4), 1).prices
    goods = sorted(prices["commodity"].unique())
    families = {"food": goods[:3], "fuel": goods[3:6]}
    found = halves_of(prices, LINKS, splits=6, families=families)
    alone = halves_of(prices, LINKS, splits=6)
    assert found.pairs.shape[1:] == alone.pairs.shape[1:]
    assert 1 <= len(found.pairs) <= 6
    # with two families of all goods there is one split: the families are the halves
    two = halves_of(prices, LINKS, splits=6, families={"a": goods[:5], "b": goods[5:]})
    assert len(two.pairs) == 1
    for side, members in ((0, goods[:5]), (1, goods[5:])):
        own = halves_of(prices.filter(pl.col("commodity").is_in(members)), LINKS, splits=1).whole
        there = two.pairs[0, side]
        assert there - np.nanmean(there) == pytest.approx(own - np.nanmean(own), abs=1e-9)
    shuffled = halves_of(prices.sample(fraction=1.0, shuffle=True, seed=3), LINKS, splits=6, families=families)
    assert np.array_equal(shuffled.pairs, found.pairs)


def test_wrong_families_are_refused() -> None:
    prices = draw(Design(goods=FEWEST + 1, regions=6, years=3), 1).prices
    goods = sorted(prices["commodity"].unique())
    with pytest.raises(UnknownName, match="no good 'g0'"):
        halves_of(prices, LINKS, families={"food": ["g0"]})
    with pytest.raises(UnknownName, match="two families"):
        halves_of(prices, LINKS, families={"food": goods[:2], "fuel": goods[1:3]})
    with pytest.raises(TooFew, match="cannot be split into two halves"):
        halves_of(prices, LINKS, families={"food": goods[:4]})
