"""Codes of groupings: by sorted value, whatever the type and however many rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.regress import effects
from integrade.regress.effects import factorise, first_rows


def _plain(values: pl.Series) -> tuple[list[int], int]:
    levels = sorted(set(values.to_list()))
    return [levels.index(v) for v in values.to_list()], len(levels)


@each("short", [0, 20_000])
@each("ordered", [True, False])
@each("kind", [pl.String, pl.Categorical, pl.Int64, pl.Float64, pl.Boolean])
def test_codes_follow_the_sorted_values(
    kind: type[pl.DataType], ordered: bool, short: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "_SHORT", short)
    drawn = np.random.default_rng(1).integers(0, 40, 700)
    numbers = pl.Series("g", np.sort(drawn) if ordered else drawn)
    texts = numbers.cast(pl.String) + pl.Series(["é", "Z", "省", ""]).gather(drawn % 4)
    if kind in (pl.String, pl.Categorical):
        values = texts.cast(kind)
    else:
        values = numbers % 2 == 0 if kind == pl.Boolean else numbers.cast(kind)
    found = factorise("g", values)
    plain, levels = _plain(values.cast(pl.String) if kind == pl.Categorical else values)
    assert (found.codes.tolist(), found.levels) == (plain, levels)
    assert found.codes.dtype == np.intp
    if kind == pl.String:
        pieces = pl.concat([values[:300], values[300:]], rechunk=False)
        assert factorise("g", pieces).codes.tolist() == plain
        alone = factorise("g", pl.Series("g", [f"{i}" for i in range(500)]).shuffle(1))
        assert sorted(alone.codes.tolist()) == list(range(500))


def test_texts_of_a_dictionary_have_the_codes_of_their_texts() -> None:
    texts = pl.Series("firm", ["b", "中", "a", "b", "Z", "é"])
    plain = factorise("firm", texts)
    pl.Series(["zz", "é", "aa", *texts]).cast(pl.Categorical)  # numbers given before, in another order
    for kind in (pl.Categorical, pl.Enum(["zz", "é", "Z", "aa", "b", "中", "a"])):
        coded = factorise("firm", texts.cast(kind))
        assert (coded.codes.tolist(), coded.levels) == (plain.codes.tolist(), plain.levels)
    assert factorise("firm", texts[:0].cast(pl.Categorical)).levels == 0


def test_the_first_row_of_each_level() -> None:
    values = pl.Series(["b", "a", "b", "c", "a"])
    assert first_rows(factorise("g", values)).tolist() == [1, 0, 3]
    assert first_rows(factorise("g", values[:0])).tolist() == []
