"""Switches over a stored audit: what the page is given, and that it is given nothing of another study."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import audit_example
import report_example as example
from integrade.estimate.inverted_u import curve, parabola
from integrade.study.records import from_json, to_json
from integrade.subjects.audit.page_switching import switches_of
from integrade.subjects.audit.switches import Audit
from plainwords.texts import speaking


def test_a_curve_in_eight_numbers_is_the_curve() -> None:
    fit = example.study().benchmark[-1].headline
    p = parabola(fit, "market")
    points = curve(fit, "market", 41)
    x = np.array([one.x for one in points])
    g1, g2 = x - p.centre, x**2 - p.centre**2
    y, half = p.b1 * g1 + p.b2 * g2, np.sqrt(p.w11 * g1**2 + 2 * p.w12 * g1 * g2 + p.w22 * g2**2)
    assert (x[0], x[-1]) == (p.low, p.high)
    assert [one.fit for one in points] == pytest.approx(y.tolist(), rel=1e-12, abs=1e-15)
    assert [one.high - one.fit for one in points] == pytest.approx(half.tolist(), rel=1e-9, abs=1e-12)


def test_an_audit_is_read_back_with_its_curves_and_an_older_one_without() -> None:
    audit = audit_example.audit()
    assert from_json(Audit, to_json(audit)) == audit
    stored = json.loads(to_json(audit))
    del stored["baseline"]["drawn"]
    assert from_json(Audit, json.dumps(stored)).baseline.drawn is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_gets_every_version_of_every_choice(language: str) -> None:
    audit = audit_example.audit()
    with speaking(language):
        found = switches_of(audit, example.study())
    assert found is not None
    named = {
        "en": ["Quality: elasticity of substitution", "Standard errors", "Sample"],
        "zh": ["质量：替代弹性", "标准误", "样本"],
    }
    assert [choice[0] for choice in found["choices"]] == named[
        language
    ]  # as an economist calls them, not as a file does
    (other, missing), (iid,) = found["choices"][0][4], found["choices"][1][4]
    assert set(missing) == {"name"}  # a version that could not be made can be read, not chosen
    assert "bread" in missing["name"]
    assert other["numbers"]["N"] == "545,000"
    assert other["numbers"]["point"] == "3.900"
    assert other["values"]["change"] == "\u22120.0123"
    assert iid["curve"]["curve"] != found["curve"]["curve"]
    assert len(json.dumps(found, ensure_ascii=False).encode()) < 700 * 4 + 2500


def test_an_audit_of_another_state_is_not_shown() -> None:
    audit, study = audit_example.audit(), example.study()
    for base in (
        replace(audit.baseline, nobs=audit.baseline.nobs - 1),
        replace(audit.baseline, b1=audit.baseline.b1 * 1.001),
        replace(audit.baseline, drawn=None),
    ):
        found = switches_of(replace(audit, baseline=base), study)
        assert found is not None
        assert set(found) == {"said"}
        assert "integrade audit STUDY" in found["said"]


def test_a_page_without_an_audit_says_how_to_get_one_and_a_study_without_a_curve_nothing() -> None:
    found = switches_of(None, example.study())
    assert found is not None
    assert "integrade audit STUDY" in found["said"]
    assert "integrade report STUDY" in found["said"]
    assert switches_of(None, example.study(benchmark=())) is None
