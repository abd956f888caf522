"""Collect the regressions, tests and descriptions of a panel: ``ig.questions.oster(...)``."""

from integrade.surface import QUESTIONS, lazily, names

__all__ = names(QUESTIONS)
__getattr__, __dir__ = lazily("integrade.questions", QUESTIONS)
