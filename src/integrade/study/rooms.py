"""The steps of a study: from raw files to the panel, the benchmark, a step for each question, results, report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from integrade.frames import Engine
from integrade.sources.readers import File
from integrade.study.config import Study
from integrade.study.data.quality import asks_rows
from integrade.study.data.steps import data_steps, measure_code
from integrade.study.inputs import question_files, section_files, version_files
from integrade.study.measures import FAMILY_OF, version_of
from integrade.study.sections import Inference, RowLevel
from integrade.study.setting import Folders, Setting
from integrade.study.steps import Step

ROOMS = ("prices", "integration", "quality", "panel", "models", "report")
"""The steps whose outputs are copied into the folder of a run; ``models`` puts all answers together."""


@dataclass(frozen=True)
class Question:
    """A question: the steps that it needs beside the benchmark; the sections of the study file that it reads beside its
    own and those of data and benchmark; its module.
    """

    name: str
    needs: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    module: str = ""

    @property
    def code(self) -> str:
        """The module with its function ``answer``."""
        return f"study.questions.{self.module or self.name}"


def _own_files(study: Study, root: Path, name: str) -> tuple[File, ...]:
    """The raw files that a question reads beside those of other steps."""
    if name == "truth":
        return tuple(sorted((root / str(study.truth)).glob("*")))
    return version_files(study, root, name) if name in FAMILY_OF else section_files(study, root, name)


DATA = ("prices", "integration", "quality", "panel")
QUESTIONS = (
    Question("lags", ("integration",)),
    Question("mediation"),
    Question("groups"),
    Question("robustness"),
    Question("shape"),
    Question("inference"),
    Question("noise", ("prices", "integration")),
    Question("sensitivity"),
    Question("instruments", ("prices", "integration")),
    Question("row_level", ("quality",)),
    Question("spillover", ("prices", "integration")),
    Question("outcomes", DATA, module="versions"),
    Question("indices", DATA, module="versions"),
    Question("samples", DATA, module="versions"),
    Question("situation", ("integration", "panel"), ("groups",)),
    Question(
        "truth",
        ("prices", "integration", "panel", "groups", "mediation", "noise", "instruments"),
        ("groups", "instruments"),
    ),
)
"""In the order in which they are answered and their warnings are read."""

NAMES = (*DATA, "benchmark", *(q.name for q in QUESTIONS), "models", "report")
"""Every step that a study can have, in their order."""

ASKABLE = (*(q.name for q in QUESTIONS if q.name != "situation"), "curve", "hypotheses", "report")
"""The sections of a study file beside those of its data and its benchmark."""


def build_steps(study: Study, root: Path, engine: Engine) -> dict[str, Step]:
    """The steps of a study in their order; nothing is read yet except the list of files."""
    steps = data_steps(study, root, engine)
    own = _only(study)
    steps["benchmark"] = Step(
        "benchmark",
        ("panel",),
        [_plain(own.regression), {"inference": _plain(own.inference)}],
        (),
        ("study.questions.benchmark",),
        _running("study.questions.benchmark", Setting(own, root, engine)),
    )
    for question in QUESTIONS:
        if asks(study, question.name):
            steps[question.name] = _question_step(question, study, steps, Setting(study, root, engine))
    at, said = Setting(study, root, engine), _plain(study)
    everything = said | {"report": {"labels": study.report.labels}}
    steps["models"] = Step(
        "models",
        tuple(steps),
        everything,
        question_files(study, root),
        ("study.results",),
        _running("study.results", at),
    )
    steps["report"] = Step(
        "report", ("models",), said["report"], (), ("study.printing",), _running("study.printing", at)
    )
    return steps


def _question_step(question: Question, study: Study, steps: dict[str, Step], at: Setting) -> Step:
    sections = [n for n in (question.name, *question.sections) if n in Study.model_fields]
    own = _only(study, *sections)
    code = [question.code]
    if question.name in FAMILY_OF:
        family, several = FAMILY_OF[question.name], getattr(study, question.name)
        versions = [version_of(study, question.name, v) for v in several if v.column is None]
        code += [module for version in versions for module in measure_code(version, family)]
    return Step(
        question.name,
        ("benchmark", *(n for n in question.needs if n in steps)),
        {name: _plain(getattr(own, name)) for name in sections},
        _own_files(study, at.root, question.name),
        tuple(dict.fromkeys(code)),
        _answering(question.code, at._replace(study=own)),
    )


def asks(study: Study, name: str) -> bool:
    """Whether a study has the question: every study has a situation; a section may say ``run = false``."""
    if name == "situation":
        return True
    section = getattr(study, name)
    if isinstance(section, (list, tuple)):
        return any(getattr(one, "run", True) for one in section)
    return section is not None and getattr(section, "run", True)


def _only(study: Study, *sections: str) -> Study:
    """The study as a question sees it: of all that is asked beside the benchmark, these sections and no other, so that
    nothing decides a result that is not in the key of its step. How the wild bootstrap of the benchmark is drawn stays,
    and that the quality of customs rows is measured.
    """
    blank = {name: Study.model_fields[name].get_default(call_default_factory=True) for name in ASKABLE}
    blank |= {"title": "", "preset": "sound"}
    if study.inference is not None:
        drawn = {"wild_weights", "wild_null", "wild_ci", "seed", "run"}
        blank["inference"] = Inference(**study.inference.model_dump(include=drawn))
    if asks_rows(study):
        blank["row_level"] = RowLevel()
    return study.model_copy(update={name: value for name, value in blank.items() if name not in sections})


def _running(module: str, at: Setting) -> Callable[[Path, Folders], None]:
    return lambda out, done: import_module(f"integrade.{module}").run(at, out, done)


def _answering(module: str, at: Setting) -> Callable[[Path, Folders], None]:
    def run(out: Path, done: Folders) -> None:
        from integrade.study.questions.asked import asked_from, keep_answer

        keep_answer(import_module(f"integrade.{module}").answer(asked_from(at, done)), out)

    return run


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value
