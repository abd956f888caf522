"""Build the steps of a study: from raw files to panel, benchmark, one step per question, results and report."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from integrade.engine.frames import Engine
from integrade.records.presets import of_the_paper
from integrade.records.question import Question
from integrade.report.drawing_process import warm_up
from integrade.sources.files.selection import File
from integrade.study.config import Study
from integrade.study.data.steps import data_steps, measure_code
from integrade.study.inputs import (
    audit_files,
    everything_of,
    family_sources,
    question_files,
    section_files,
    version_files,
)
from integrade.study.measures import FAMILY_OF, version_of
from integrade.study.parts import has_panel
from integrade.study.setting import Folders, Setting
from integrade.study.steps import Step
from integrade.subjects import questions

ROOMS = ("prices", "integration", "quality", "panel", "models", "report")
"""Steps after which a run may stop; the step ``models`` combines all answers."""

COPIED = (*ROOMS, "index_trust", "quality_rows")
"""Steps whose outputs are copied into the folder of a run."""


DATA = ("prices", "index_trust", "integration", "quality", "accounts", "panel", "quality_rows")
OF_HALVES = {"run", "halves", "families", "seed"}
"""Keys of ``[noise]`` that decide the halves of the goods (`Asked.halves`), by which other questions are corrected."""
STATIC = ("curve", "hypotheses", "report", "tables")
"""Sections in addition to the sections of data, benchmark and questions."""


def step_names() -> tuple[str, ...]:
    """Return every step that a study can have, in their order."""
    return (*DATA, "benchmark", *(q.name for q in questions()), "models", "report")


def build_steps(study: Study, root: Path, engine: Engine) -> dict[str, Step]:
    """Return name -> step in their order; raw files are listed, but not read."""
    steps = data_steps(study, root, engine)
    benchmark_study = _only(study, *(("mediation",) if of_the_paper(study.preset) else ()))
    if has_panel(study):
        mediation = benchmark_study.section("mediation")
        described = mediation.mediators if mediation else []
        steps["benchmark"] = Step(
            "benchmark",
            ("panel",),
            [
                _plain(benchmark_study.regression),
                {"inference": _plain(benchmark_study.section("inference")), "described": described},
            ],
            (),
            ("subjects.benchmark.question",),
            _running("subjects.benchmark.question", Setting(benchmark_study, root, engine)),
        )
    for question in questions():
        if asks(study, question):
            steps[question.name] = _question_step(question, steps, Setting(study, root, engine))
    at, content = Setting(study, root, engine), _plain(study)
    everything = content | {"report": {"labels": study.report.called}}
    steps["models"] = Step(
        "models",
        tuple(steps),
        everything,
        question_files(study, root),
        ("study.results",),
        _running("study.results", at),
    )
    printing = ("study.printing", "plainwords.texts", *(q.module for q in questions()))
    steps["report"] = Step(
        "report",
        ("models",),
        content["report"],
        audit_files(root),
        printing,
        _running("study.printing", at),
        lambda: warm_up(page="html" in study.report.formats),
    )
    return steps


def _question_step(question: Question, steps: dict[str, Step], at: Setting) -> Step:
    study = at.study
    sections = [n for n in (question.name, *question.reads) if n in type(study).model_fields]
    only = at._replace(study=_read_by(question, _only(study, *sections)))
    code = [question.module]
    files: tuple[File, ...]
    if question.name in FAMILY_OF:
        family, several = FAMILY_OF[question.name], study.section(question.name)
        versions = [version_of(study, question.name, v) for v in several if v.column is None]
        code += [module for version in versions for module in measure_code(version, family)]
        files = version_files(study, at.root, question.name)
    elif question.name == "truth":
        files = tuple(sorted((at.root / str(study.truth)).glob("*")))
    else:
        files = section_files(study, at.root, question.name)
        if question.name == "families":
            files = tuple(f for source in family_sources(study).values() for f in everything_of(source, at.root))

    def run(out: Path, done: Folders) -> None:
        from integrade.study.asked import ask, keep_answer
        from integrade.study.asking import asked_from

        keep_answer(ask(question, asked_from(only, done), only.study.section(question.name)), out)

    return Step(
        question.name,
        tuple(n for n in ("benchmark", *question.steps) if n in steps),
        {name: _plain(only.study.section(name)) for name in sections},
        files,
        tuple(dict.fromkeys(code)),
        run,
    )


def asks(study: Study, question: Question) -> bool:
    """Return whether a study asks the question.

    A question without a section is always asked, unless it needs a regression and the study has none. A question whose
    section has ``run = false`` is not asked. Without a regression only questions about the measures are asked.
    """
    if not (has_panel(study) or question.alone):
        return False
    if question.options is None and question.name != "truth":
        return True
    return bool(study.truth if question.name == "truth" else study.section(question.name))


def _only(study: Study, *sections: str) -> Study:
    """Return the study with only these sections, the benchmark, and the settings of its wild bootstrap.

    It has everything that decides the result of a step with these sections, so the step's key is made from it.
    """
    fields = type(study).model_fields
    names = [*(q.name for q in questions() if q.name in fields), *STATIC]
    blank = {name: fields[name].get_default(call_default_factory=True) for name in names}
    blank |= {"title": "", "preset": "sound"}
    settings = study.section("inference")
    if settings is not None:
        drawn = {"wild_weights", "wild_null", "wild_ci", "seed", "run"}
        blank["inference"] = type(settings)(**settings.model_dump(include=drawn))
    return study.model_copy(update=blank | {name: study.section(name) for name in sections})


def _read_by(question: Question, study: Study) -> Study:
    """Return the study with only those keys of ``[noise]`` that a question uses; other questions use halves."""
    section = study.section("noise") if "noise" in question.reads else None
    if section is None:
        return study
    return study.model_copy(update={"noise": type(section)(**section.model_dump(include=OF_HALVES))})


def _running(module: str, at: Setting) -> Callable[[Path, Folders], None]:
    return lambda out, done: import_module(f"integrade.{module}").run(at, out, done)


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value
