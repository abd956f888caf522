"""The truth stands beside the regression that the economy knows, and beside no other."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from integrade.study.questions import truth


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
