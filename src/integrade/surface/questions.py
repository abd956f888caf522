"""What is asked of a panel: every regression, test and description, ``ig.questions.oster(...)``."""

from integrade.surface import QUESTIONS, lazily, names

__all__ = names(QUESTIONS)
__getattr__, __dir__ = lazily("integrade.questions", QUESTIONS)
