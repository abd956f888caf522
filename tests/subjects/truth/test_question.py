"""The truth stands beside the regression that the economy knows, and beside no other."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.errors import Unreadable
from integrade.geography import PROVINCES
from integrade.study.finished import results_in
from integrade.subjects.truth import question as truth
from integrade.subjects.truth.question import _differences, truth_in
from plainwords.texts import Said
from studies import run_folder


def asked(root: Path, treatment: str, outcome: str) -> SimpleNamespace:
    regression = SimpleNamespace(treatment=treatment, outcome=outcome)
    return SimpleNamespace(study=SimpleNamespace(regression=regression, truth="truth"), root=root, treatment=treatment)


@pytest.mark.parametrize(("treatment", "outcome"), [("rd", "quality"), ("market", "invint")])
def test_another_regression_has_the_truth_of_the_measures_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, treatment: str, outcome: str
) -> None:
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "truth.json").write_text(json.dumps({"claims": {"inverted_u": True}}))
    monkeypatch.setattr(truth, "_measures", lambda *_: ["of the measures"])
    other, own = asked(tmp_path, treatment, outcome), asked(tmp_path, "market", "quality")
    assert truth.compare(other, None, {}, None, truth.Answers()) == ("of the measures",)
    assert truth._claims(other) == {}
    assert truth._claims(own) == {"inverted_u": True}


WHOLE = {
    "standardised_per_log_point": 0.5,
    "market": {"linear": 1.0, "square": -0.1, "turning_point": 4, "share_past": 0.3},
    "state": {"linear": 0.0, "square": 0.0},
    "controls": {},
}


@each("lacks", [*WHOLE, *((n, k) for n, v in WHOLE.items() if isinstance(v, dict) for k in v), None])
@each("becomes", ["gone", None, "x", []])
def test_a_truth_that_lacks_something_is_told(lacks: Any, becomes: Any, tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text(json.dumps(WHOLE))
    assert truth_in(tmp_path) == WHOLE
    made = copy.deepcopy(WHOLE)
    if lacks is None:
        made = becomes
    else:
        inside: Any = made if isinstance(lacks, str) else made[lacks[0]]
        name = lacks if isinstance(lacks, str) else lacks[1]
        inside.pop(name) if becomes == "gone" else inside.update({name: becomes})
    (tmp_path / "truth.json").write_text(json.dumps(made))
    with pytest.raises(Unreadable, match=r"truth.json cannot be read as the truth of an economy"):
        truth_in(tmp_path)


def known(folder: Path, run: Path) -> dict[str, pl.DataFrame]:
    """The measured and the true index by region and year, and by firm and year on the rows of the regression."""
    names = {p.chinese_long: p.english for p in PROVINCES}
    true = pl.read_parquet(folder / "index.parquet").select(pl.col("region").replace(names), "year", true="integration")
    index = pl.read_parquet(run / "tables" / "integration.parquet").join(true, on=["region", "year"])
    panel = pl.read_parquet(run / "tables" / "panel.parquet")
    own = pl.read_parquet(folder / "firm_quality.parquet").select("firm", "year", true="market")
    rows = panel.join(own, on=["firm", "year"]).drop_nulls(["quality", "market", "scale", "age", "roa", "rdebt", "fic"])
    return {"index": index, "rows": rows}


def test_the_true_shares_of_noise_are_those_of_the_measured_minus_the_true_index(whole_study: Path) -> None:
    run = run_folder(whole_study)
    results = results_in(run)
    found = {t.parameter.key: t for t in results.truth if isinstance(t.parameter, Said)}
    of = known(whole_study / "raw" / "truth", run)
    noise, spread = 0.0, 0.0
    for _, year in of["index"].group_by("year"):
        measured, true = year["integration"].to_numpy(), year["true"].to_numpy()
        noise, spread = noise + float(np.var(measured - true)), spread + float(np.var(measured))
    between = found["truth.noise-between"]
    assert between.truth == pytest.approx(noise / spread, rel=1e-9)
    assert between.estimate == results.index.noise_share
    rows = of["rows"]
    rows = rows.filter(pl.len().over("firm") > 1)  # every firm of several years stays: no year has a single row
    assert len(rows) == results.benchmark[-1].headline.nobs
    effects = [rows.select("firm").to_dummies(), rows.select(pl.col("year").cast(pl.String)).to_dummies()]
    dummies = np.hstack([e.to_numpy().astype(float) for e in effects])
    columns = np.column_stack([rows["market"] - rows["true"], rows["market"]])
    left = columns - dummies @ np.linalg.lstsq(dummies, columns, rcond=None)[0]
    error, index = (left**2).sum(axis=0)
    net = found["truth.noise-net"]
    assert net.truth == pytest.approx(error / index, rel=1e-9)
    assert results.noise is not None
    assert results.noise.simex is not None
    assert net.estimate == results.noise.simex.noise_share
    assert 0 < net.truth < 1


def test_a_split_that_the_study_file_no_longer_has_is_passed_over() -> None:
    """The stored answer of an earlier run may have splits under titles that are gone."""
    data: Any = SimpleNamespace(study=SimpleNamespace(section=lambda _: ()))
    known: Any = SimpleNamespace(data=data, terms=(("market", "b1"), ("market^2", "b2")))
    answers: Any = SimpleNamespace(groups=(SimpleNamespace(how="area", title="area"),))
    assert list(_differences(known, answers)) == []
