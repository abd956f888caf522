"""The truth stands beside the regression that the economy knows, and beside no other."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from integrade.errors import Unreadable
from integrade.study.questions import truth
from integrade.study.questions.truth import truth_in


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


@pytest.mark.parametrize("lacks", [*WHOLE, *((n, k) for n, v in WHOLE.items() if isinstance(v, dict) for k in v), None])
@pytest.mark.parametrize("becomes", ["gone", None, "x", []])
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
