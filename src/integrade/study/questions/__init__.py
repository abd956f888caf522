"""What a referee asks, one file each. The list is what stands in this folder, and what plugins add."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from integrade.inquiry import REGISTER, Question

PLUMBING = ("asked", "benchmark")
"""Modules here that are no question."""


def questions() -> tuple[Question, ...]:
    """Every question in its place."""
    for module in pkgutil.iter_modules(__path__):
        if module.name not in PLUMBING:
            import_module(f"{__name__}.{module.name}")
    return tuple(sorted(REGISTER.values(), key=lambda q: (q.place, q.name)))


def question_named(name: str) -> Question | None:
    """The question of a name; nothing where there is none."""
    return next((q for q in questions() if q.name == name), None)
