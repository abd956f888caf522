"""Survey scores (METHODS 2.4): by hand, against a linearised twin, a bootstrap and a simulated sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from integrade.cli import run
from integrade.engine.frames import Table
from integrade.errors import OutOfRange, UnknownName, UsageError
from integrade.integration import survey_score


def answers(n: int = 40, items: int = 5, seed: int = 1, missing: float = 0.1, tilt: float = 0.0) -> pl.DataFrame:
    """Two regions, one year; a respondent's mood moves all answers; ``tilt`` makes weights follow the mood."""
    draw = np.random.default_rng(seed)
    rows = []
    for region in ("East", "West"):
        for r in range(n):
            mood = draw.normal()
            weight = float(np.exp(tilt * mood + 0.3 * draw.normal()))
            for q in range(items):
                score = float(np.clip(np.round(3 + mood + draw.normal(0, 0.8)), 1, 5))
                gone = draw.random() < missing
                rows.append(
                    {
                        "respondent": f"{region}{r}",
                        "region": region,
                        "year": 2004,
                        "item": f"q{q}",
                        "score": None if gone else score,
                        "weight": weight,
                    }
                )
    return pl.DataFrame(rows)


def by_hand(survey: pl.DataFrame, region: str, shares: list[float]) -> tuple[float, float, float]:
    """Score, standard error and alpha of a region with loops."""
    rows = survey.filter(pl.col("region") == region)
    people = rows["respondent"].unique().sort().to_list()
    x = np.full((len(people), 5), np.nan)
    w = np.zeros(len(people))
    for row in rows.iter_rows(named=True):
        i = people.index(row["respondent"])
        w[i] = row["weight"]
        if row["score"] is not None:
            x[i, int(row["item"][1])] = row["score"]
    score, influence = 0.0, np.zeros(len(people))
    for q in range(5):
        known = np.isfinite(x[:, q])
        mean = np.average(x[known, q], weights=w[known])
        score += shares[q] * mean / 5
        influence[known] += shares[q] * w[known] * (x[known, q] - mean) / w[known].sum() / 5
    answered = np.isfinite(x).any(axis=1)
    n = answered.sum()
    complete = x[np.isfinite(x).all(axis=1)]
    alpha = 5 / 4 * (1 - complete.var(axis=0, ddof=1).sum() / complete.sum(axis=1).var(ddof=1))
    return score, float(np.sqrt(n / (n - 1) * (influence**2).sum())), alpha


@pytest.mark.parametrize("weights", [None, {"q0": 2.0, "q1": 1.0, "q2": 1.0, "q3": 4.0, "q4": 2.0}])
def test_score_error_and_alpha_by_hand(weights: dict[str, float] | None) -> None:
    survey = answers()
    shares = [0.2] * 5 if weights is None else [w / 10 for w in weights.values()]
    found = survey_score(survey, items=weights)
    for i, region in enumerate(("East", "West")):
        row = found.row(i, named=True)
        expected = by_hand(survey, region, shares)
        got = (row["integration"], row["se_integration"], row["alpha"])
        np.testing.assert_allclose(got, expected, rtol=1e-12)
        own = survey.filter(pl.col("region") == region)
        assert row["response_rate"] == own["score"].count() / 200
        assert row["n_asked"] == 40


def test_the_published_form() -> None:
    """METHODS 2.4 without weights or gaps: sum_q w_q mean(Likert_q)/5, alpha = K/(K-1)(1 - sum var_q / var_total)."""
    survey = answers(missing=0).drop("weight")
    row = survey_score(survey).row(0, named=True)
    east = survey.filter(pl.col("region") == "East")
    assert row["integration"] == pytest.approx(east["score"].mean() / 5, rel=1e-14)  # type: ignore[operator]
    x = east["score"].to_numpy().reshape(40, 5)
    # complete answers: the error is that of the mean of respondents' means
    assert row["se_integration"] == pytest.approx(x.mean(axis=1).std(ddof=1) / np.sqrt(40) / 5, rel=1e-12)
    c = np.cov(x.T)
    assert row["alpha"] == pytest.approx(5 / 4 * (1 - np.trace(c) / c.sum()), rel=1e-12)
    assert (row["response_rate"], row["n_complete"], row["n_respondents"]) == (1.0, 40, 40)


def test_the_error_is_that_of_resampled_respondents() -> None:
    survey = answers(n=150, tilt=0.5).filter(pl.col("region") == "East")
    stated = survey_score(survey)["se_integration"].item()
    people = survey["respondent"].unique().sort()
    draw, copies = np.random.default_rng(2), []
    for year in range(1901, 2101):  # each sample a year of its own, so that one call scores them all
        chosen = pl.DataFrame({"respondent": people[draw.integers(0, 150, 150)]}).with_row_index("copy")
        again = chosen.join(survey, on="respondent").with_columns(respondent=pl.col("copy").cast(pl.String))
        copies.append(again.with_columns(year=pl.lit(year)))
    found = survey_score(pl.concat(copies))["integration"]
    # 200 draws: the standard error of a standard error is 5%; linearisation at n = 150 another few
    assert stated == pytest.approx(found.std(ddof=0), rel=0.15)


def test_coverage_of_the_interval() -> None:
    truth = survey_score(answers(n=5_000, seed=99, missing=0))["integration"].mean()
    samples = [answers(n=30, items=5, seed=s).with_columns(year=pl.lit(1901 + s)) for s in range(150)]
    found = survey_score(pl.concat(samples))
    inside = (found["integration"] - truth).abs() < 2.045 * found["se_integration"]
    # 300 intervals: s.e. of .013; unequal weights cost a little
    assert inside.mean() == pytest.approx(0.95, abs=0.035)


def test_high_may_mean_segmentation() -> None:
    survey = answers(missing=0)
    a, b = survey_score(survey), survey_score(survey, high_means="segmentation")
    np.testing.assert_allclose(b["integration"], 6 / 5 - a["integration"], rtol=1e-14)
    np.testing.assert_allclose(b["se_integration"], a["se_integration"], rtol=1e-12)
    np.testing.assert_allclose(b["alpha"], a["alpha"], rtol=1e-12)


def test_who_does_not_answer_counts_in_the_rate_alone() -> None:
    survey = answers(missing=0)
    silent = survey.filter(pl.col("respondent") == "East0").with_columns(
        respondent=pl.lit("East_silent"), score=pl.lit(None, dtype=pl.Float64)
    )
    a, b = survey_score(survey).row(0, named=True), survey_score(pl.concat([survey, silent])).row(0, named=True)
    assert b["response_rate"] == pytest.approx(40 / 41, rel=1e-14)
    assert (b["n_asked"], b["n_respondents"], b["n_complete"]) == (41, 40, 40)
    assert b["integration"] == pytest.approx(a["integration"], rel=1e-14)
    assert b["se_integration"] == pytest.approx(a["se_integration"], rel=1e-14)


def test_missing_is_missing_and_counted() -> None:
    survey = answers(missing=0).with_columns(
        score=pl.when((pl.col("region") == "West") & (pl.col("item") == "q2")).then(None).otherwise("score"),
        weight=pl.when(pl.col("respondent") == "East3").then(None).otherwise("weight"),
    )
    table: Table = survey_score(Table("survey", survey))
    west = table.polars().row(1, named=True)
    assert (west["integration"], west["se_integration"], west["alpha"]) == (None, None, None)
    assert west["response_rate"] == 0.8
    said = {e.reason: e.rows for e in table.account}
    assert said["weight missing"] == 5
    assert said["1 row: integration missing: an item has no answer"] == 1
    unweighted: Table = survey_score(Table("survey", survey), weighted=False)
    assert "weight missing" not in {e.reason for e in unweighted.account}
    alone = survey_score(survey.filter(pl.col("respondent") == "East0")).row(0, named=True)
    assert alone["integration"] is not None
    assert (alone["se_integration"], alone["alpha"]) == (None, None)


def test_bad_requests() -> None:
    with pytest.raises(OutOfRange, match=r"outside the scale 1\.\.4") as caught:
        survey_score(answers(), highest=4)
    assert "score=5.0" in str(caught.value)
    with pytest.raises(UnknownName, match="no answers to item 'q9'"):
        survey_score(answers(), items={"q9": 1.0})
    with pytest.raises(UsageError, match="item 'q1' has no weight"):
        survey_score(answers(), items={"q0": 1.0})
    with pytest.raises(UsageError, match="has no points"):
        survey_score(answers(), lowest=5, highest=5)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers().write_csv(tmp_path / "survey.csv")
    call = [
        "integration",
        str(tmp_path / "survey.csv"),
        "--method",
        "survey_score",
        "--high-means",
        "segmentation",
        "--out",
        str(tmp_path / "out.csv"),
    ]
    assert run(call) == 0, capsys.readouterr().err
    expected = survey_score(answers(), high_means="segmentation")
    np.testing.assert_allclose(pl.read_csv(tmp_path / "out.csv")["integration"], expected["integration"], rtol=1e-12)
