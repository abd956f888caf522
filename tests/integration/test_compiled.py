"""The compiled loop over many pairs: the same numbers as numpy, whatever the number of threads."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numba
import numpy as np
import polars as pl
import pytest

from each import each
from integrade.integration import fast
from price_tables import GOODS, by_pair, by_region, distances, prices, relative_price

FAST: list[dict[str, Any]] = [
    {},
    {"ddof": 0},
    {"se": "jackknife"},
    {"dispersion": "sd", "se": "jackknife"},
    {"dispersion": "mean_absolute", "se": "jackknife", "demean": "none"},
    {"absolute": False},
    {"level": "nation", "se": "jackknife"},
    {"pairs": "nearest:2", "distances": distances()},
    {"pairs": "nearest:2", "distances": distances(), "level": "nation", "partner_weights": by_pair()},
    {"partner_weights": by_region(), "se": "jackknife"},
]


def fast_and_plain(table: pl.DataFrame, monkeypatch: pytest.MonkeyPatch, **options: Any) -> tuple[Any, Any, list[str]]:
    said: list[str] = []
    monkeypatch.setattr(fast.log, "info", lambda text, *args: said.append(text % args))
    plain = relative_price(table, **options)
    assert not any("compiled" in s for s in said)
    monkeypatch.setattr(fast, "LEAST", 1)
    return relative_price(table, **options), plain, said


@each("missing", [0.0, 0.15])
@each("options", FAST, ids=lambda o: str(o)[:60])
def test_the_compiled_loop_gives_the_same(options: Any, missing: float, monkeypatch: pytest.MonkeyPatch) -> None:
    quick, plain, said = fast_and_plain(prices(missing), monkeypatch, **options)
    assert any("compiled loop" in s for s in said)
    assert quick.columns == plain.columns
    for name in plain.columns:
        got, expected = quick[name], plain[name]
        if expected.dtype == pl.Float64:
            assert got.is_null().to_list() == expected.is_null().to_list()
            # the same sums in another order
            assert got.drop_nulls().to_list() == pytest.approx(expected.drop_nulls().to_list(), rel=1e-12)
        else:
            assert got.to_list() == expected.to_list()


def test_the_compiled_loop_knows_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    # all relative prices move alike, one pair excepted: zero stays exactly zero
    alike = pl.DataFrame(
        [
            {"region": r, "year": 2004, "commodity": k, "index": (100 + i) * (1 + j / 7)}
            for i, r in enumerate("ABCD")
            for j, k in enumerate("xyz")
        ]
    )
    quick, plain, _ = fast_and_plain(alike, monkeypatch)
    assert plain["segmentation"].to_list() == quick["segmentation"].to_list() == [0.0] * 4


@pytest.mark.parametrize("options", [{}, {"se": "jackknife"}], ids=str)
def test_threads_change_nothing(options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(2)
    table = pl.DataFrame(
        [
            {"region": f"r{i:02d}", "year": 2000 + t, "commodity": k, "index": 100 * math.exp(draw.normal(0, 0.03))}
            for i in range(40)
            for t in range(6)
            for k in GOODS
        ]
    )
    monkeypatch.setattr(fast, "LEAST", 1)
    found = []
    for threads in (1, 2, 5):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", threads)
        found.append(relative_price(table, **options))
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])


def test_compiled_code_is_kept_outside_the_source() -> None:
    from integrade.integration import compiled

    source = Path(compiled.__file__).parent
    kept = [Path(compiled.pair_sums.stats.cache_path), Path(compiled.complete_sums.stats.cache_path)]  # type: ignore[attr-defined]
    assert all(source not in folder.parents for folder in kept)
    assert not list((source / "__pycache__").glob("*.nb[ci]"))
