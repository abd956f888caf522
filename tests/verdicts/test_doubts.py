"""What the section on noise says holds where a correction finds nearly all, and where dispersion has a trend."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

import report_example as example
from integrade.estimate.fit import fit
from integrade.subjects.noise.attenuation import expected_attenuation
from integrade.subjects.noise.corrected import corrected
from integrade.subjects.noise.records import NoiseStudy
from integrade.subjects.noise.simex import simex
from integrade.subjects.noise.tables import attenuation_table, noise_table
from integrade.subjects.row_level.verdict import size_of_rows
from integrade.subjects.sensitivity.verdict import size_of_slopes
from integrade.verdicts import doubts
from integrade.verdicts.bundle import StudyResults
from noisy_index import FORMULA, study


@pytest.fixture(scope="module")
def noisy() -> StudyResults:
    prices, _, panel = study(150)
    found = NoiseStudy(
        "market",
        fit(panel, FORMULA, cluster="region", vcov="CR3"),
        halves=corrected(prices, panel, FORMULA, splits=5),
        simex=simex(prices, panel, FORMULA, draws=20),
        expected=(expected_attenuation(31, 10, 6, 0.2, draws=5), expected_attenuation(31, 10, 6, 0.4, draws=5)),
        on_true_index=fit(panel.with_columns(market="true_market"), FORMULA, cluster="region", vcov="CR3"),
    )
    return replace(example.study(), noise=found)


def test_the_expected_shares_say_of_which_economies_they_are(noisy: StudyResults) -> None:
    assert noisy.noise is not None
    assert "no national trend" in doubts.noise(noisy)[0]
    assert "no national trend" in attenuation_table(noisy.noise).notes[0]


def test_corrections_are_said_to_err_only_as_they_can(noisy: StudyResults) -> None:
    assert noisy.noise is not None
    beside = " ".join(doubts.noise(noisy))
    moved = " ".join(doubts.noise(replace(noisy, noise=replace(noisy.noise, on_true_index=None))))
    assert "No correction recovers the precision lost to noise" in beside
    assert "is imprecise with few goods" in moved
    notes = " ".join(noise_table(noisy.noise).notes)
    assert "may correct only part" in notes
    for said in (beside, moved, notes):  # SIMEX with goods drawn adds to each cell the noise of that cell
        assert "over-corrects" not in said
        assert "Neither" not in said


def test_a_slope_far_below_its_error_is_printed_as_zero() -> None:
    """Digits follow the standard error: 0.0000446 with an error of 0.0085 is 0.0000, not 0.0000446."""
    confounder = SimpleNamespace(estimate=0.0000446, std_error=0.0085)
    found = SimpleNamespace(oster=(SimpleNamespace(short=0.00002, full=0.00003),), confounders=(confounder,))
    assert size_of_slopes(found)(0.0000446) == "0.0000"  # type: ignore[arg-type]
    fit = example.fit("CR3", {"region": 31}, 2.6)
    tiny = replace(fit.coefficients[0], estimate=0.0000446, std_error=0.0085)
    rows = SimpleNamespace(columns={"rows": replace(fit, coefficients=(tiny,))})
    assert size_of_rows(rows, tiny.term)(tiny.estimate) == "0.0000"  # type: ignore[arg-type]
