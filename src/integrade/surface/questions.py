"""Collect the regressions, tests and descriptions of a panel: ``ig.questions.oster(...)``."""

from integrade.surface import QUESTIONS, lazily

__getattr__, __dir__ = lazily("integrade.questions", QUESTIONS)
