"""Every question is a step: what runs again, what is kept of a run that stops, how many run at once."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from integrade.errors import UsageError
from integrade.records.question import REGISTER
from integrade.study.records import to_json
from integrade.study.run import Outcome, Request, run_study
from integrade.study.runs import fits_in, status_of
from integrade.study.stored_results import results_from
from integrade.verdicts.bundle import StudyResults
from studies import edit

pytestmark = pytest.mark.slow

QUESTIONS = (
    "lags",
    "mediation",
    "groups",
    "robustness",
    "shape",
    "inference",
    "noise",
    "sensitivity",
    "instruments",
    "row_level",
    "spillover",
    "outcomes",
    "indices",
    "samples",
    "situation",
    "truth",
)


@pytest.fixture
def study(whole_study: Path, tmp_path: Path) -> Path:
    """A finished study, to be changed."""
    root = tmp_path / "study"
    shutil.copytree(whole_study, root, ignore=shutil.ignore_patterns("runs"))
    return root


def again(root: Path, jobs: int | None = None, force: str | None = None) -> Outcome:
    found = run_study(root, Request(to="models", jobs=jobs, force=force), tell=lambda _: None)
    assert found is not None
    return found


def ran(found: Outcome) -> set[str]:
    return {step.name for step in found.steps if step.ran}


def results(found: Outcome) -> StudyResults:
    return results_from((found.folder / "tables" / "results.json").read_text(encoding="utf-8"))


def forget(root: Path, *names: str) -> None:
    """Remove the stored results of steps."""
    for name in names:
        for folder in (root / ".integrade").glob(f"{name}-*"):
            shutil.rmtree(folder)


def test_a_changed_section_runs_its_question_and_puts_the_results_together(study: Path) -> None:
    before = results(again(study))
    edit(study, ("leads = [1]", "leads = [1, 2]"))
    found = again(study)
    assert ran(found) == {"lags", "models"}
    after = results(found)
    assert before.lags is not None
    assert after.lags is not None
    assert [c.shift for c in after.lags.alone.columns] == [*(c.shift for c in before.lags.alone.columns), -2]
    assert to_json(after.groups) == to_json(before.groups)
    assert ran(again(study, force="spillover")) == {"spillover"}, "what comes out the same is no reason to go on"
    manifest = json.loads((found.folder / "manifest.json").read_text(encoding="utf-8"))
    assert [name for name in manifest["steps"] if name in QUESTIONS] == list(QUESTIONS)
    assert not (found.folder / "tables" / "answer.json").exists()


def test_what_the_data_do_not_allow_becomes_a_warning_of_the_study(study: Path) -> None:
    edit(study, ('how = "period"', 'how = "period"\nfirst_of_later = 2013'))
    found = again(study)
    assert ran(found) == {"groups", "situation", "truth", "models"}
    after = results(found)
    assert [w for w in after.warnings if w.startswith("Groups by year are not reported: ")]
    assert [s.how for s in after.groups] == ["ownership", "intensity", "area"]
    assert len(after.group_family) == 3


def test_a_run_that_stops_keeps_the_questions_it_finished(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget(study, "mediation", "robustness", "sensitivity", "models")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    one = REGISTER["robustness"]
    killed.__module__ = one.function.__module__  # the key of its step stays
    with monkeypatch.context() as broken:
        broken.setitem(REGISTER, "robustness", replace(one, function=killed))
        with pytest.raises(KeyboardInterrupt):
            again(study, jobs=1)
    there = {s.name: s.stored for s in status_of(study).steps}
    assert (there["mediation"], there["robustness"], there["sensitivity"]) == (True, False, False)
    assert ran(again(study)) == {"robustness", "sensitivity", "models"}


def test_questions_at_once_find_what_they_find_one_after_the_other(study: Path) -> None:
    found = []
    for jobs in (1, 2):
        forget(study, *QUESTIONS, "models")
        found.append(again(study, jobs=jobs))
        assert ran(found[-1]) == {*QUESTIONS, "models"}
    one, two = (dict(fits_in(results(f))) for f in found)
    assert found[0].folder == found[1].folder
    assert list(one) == list(two)
    for place, fit in one.items():
        for a, b in zip(fit.coefficients, two[place].coefficients, strict=True):
            assert (a.term, a.estimate) == (b.term, pytest.approx(b.estimate, rel=1e-9)), place  # sums of other threads


def test_a_question_that_the_study_does_not_ask_cannot_be_forced(study: Path) -> None:
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(text.replace("[spillover]", "[spillover]\nrun = false"), encoding="utf-8")
    assert "spillover" not in {s.name for s in status_of(study).steps}
    with pytest.raises(UsageError, match="does not include 'spillover'"):
        again(study, force="spillover")
