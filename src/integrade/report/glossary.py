"""Explain technical terms, each once, in the part of a report that first uses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from plainwords.texts import in_language, language_spoken, listed, say

TERMS = (
    "noise",
    "cr3",
    "clusters",
    "wild",
    "holm",
    "u-test",
    "fieller",
    "simex",
    "oriv",
    "kleibergen-paap",
    "liml",
    "tf",
    "c-statistic",
    "identifying",
    "control-function",
    "anderson-rubin",
    "two-lines",
    "bai",
    "steepness",
)
"""The terms in the order of their explanations.

For example, message ``terms.cr3-word`` is the word that a text has, and ``terms.cr3`` its explanation.
"""


DEFINED = ("simex", "bai")
"""Terms that the note of a table defines, too.

For example, message ``terms.bai-defined`` is how that definition begins.
"""


def used_in(texts: Iterable[str], explained: Collection[str] = ()) -> list[str]:
    """Return the terms that occur in these texts and are neither explained yet nor defined by one of the texts."""
    language = language_spoken()
    whole = "\n".join(in_language(text, language) for text in texts).casefold()
    used = [term for term in TERMS if term not in explained and say(f"terms.{term}-word").casefold() in whole]
    return [term for term in used if term not in DEFINED or say(f"terms.{term}-defined").casefold() not in whole]


def explained_in(terms: Iterable[str]) -> str:
    """Return one text with the explanations of the terms; empty without terms."""
    explanations = [say(f"terms.{term}") for term in terms]
    return say("terms.said", terms=listed(explanations, "semicolon")) if explanations else ""
