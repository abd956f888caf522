"""The subjects of a study. Each has a folder with its model, verdict, tables, figures, question and sentences (en, zh).

A file is named for its layer: ``verdict`` judges, ``tables``, ``figures`` and ``page`` print, ``question`` is its part
of a study; every other file belongs to the model. A subject with a ``question`` file is asked by studies.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.util import find_spec

from integrade.records.question import REGISTER, Question


def questions() -> tuple[Question, ...]:
    """Return every question, including questions of plugins, in their order in a study."""
    for subject in pkgutil.iter_modules(__path__):
        if find_spec(f"{__name__}.{subject.name}.question") is not None:
            import_module(f"{__name__}.{subject.name}.question")
    return tuple(sorted(REGISTER.values(), key=lambda q: (q.place, q.name)))


def question_named(name: str) -> Question | None:
    """Return the question with this name, or None."""
    return next((q for q in questions() if q.name == name), None)
