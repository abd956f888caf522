"""Studies that many tests read, each made once in a session: a whole one, a short one, and raw files that did not run.

What a fixture gives is for reading; a test that changes a study copies it. All that ask for one run in one worker.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from integrade.study.asked import Asked, ask
from integrade.study.results import answered
from integrade.study.rooms import asks
from integrade.study.run import Request, run_study
from integrade.study.seals import sealed
from integrade.study.template import write_demo, write_new
from integrade.subjects import questions
from integrade.verdicts.bundle import StudyResults
from plainwords.account import Account

FEWER_DRAWS = (
    ("simex = 100", "simex = 30"),
    ("pipeline = 199", "pipeline = 60"),
    ("randomisation = 999", "randomisation = 199"),
    ("draws = 1000", "draws = 200"),
    ("# samples = 40", "samples = 10"),
    ("permutations = 199", "permutations = 99"),
)


def edit(root: Path, *changes: tuple[str, str]) -> None:
    """Replace texts of the study file; each must be there."""
    file = root / "study.toml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def without_questions(root: Path, formats: str = '["html"]') -> None:
    """The study without its optional sections, printed in these formats."""
    file = root / "study.toml"
    text = file.read_text(encoding="utf-8")
    kept = text[: text.index("# The sections below are optional")]
    file.write_text(f"{kept}[report]\nformats = {formats}\n", encoding="utf-8")


def whole(root: Path) -> Path:
    """A finished study of the demo's economy, every question with fewer draws, in every format, with appendices."""
    write_demo(root, firms=900, seed=11)
    edit(root, ("[report]", '[report]\nshape = "full"'))
    edit(root, *FEWER_DRAWS)
    run_study(root, Request(), tell=lambda _: None)
    return root


def new(root: Path) -> Path:
    """What ``integrade new`` writes; not run."""
    write_new(root)
    return root


def short(root: Path) -> Path:
    """The same without optional sections, finished, as a page alone: every step, in a few seconds."""
    write_new(root)
    without_questions(root)
    run_study(root, Request(), tell=lambda _: None)
    return root


STUDY_WIDE = ("outcomes", "indices", "samples", "situation", "truth")
"""Questions that need the folders of finished steps."""


def answer(asked: Asked) -> StudyResults:
    """What the questions of a study on its benchmark find, without its steps."""
    nothing: Any = None
    blank = StudyResults("", "sound", {}, Account(), nothing, (), nothing, ())
    here = [q for q in questions() if q.name not in STUDY_WIDE and asks(asked.study, q)]
    return answered(blank, {q.name: ask(q, asked, asked.study.section(q.name)) for q in here})


def run_folder(root: Path) -> Path:
    """The folder of the latest run."""
    return root / "runs" / (root / "runs" / "latest").read_text(encoding="utf-8")


def manifest(**held: Any) -> str:
    """The manifest of a run that holds nothing but this."""
    empty = {"integrade": "0.1.0", "python": "3.11", "libraries": {}, "study": {}, "inputs": [], "steps": {}}
    return json.dumps(sealed({**empty, "account": [], "outputs": {}, **held}))
