"""Terms that not every reader knows: each is explained once, in the part of a report that first uses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from integrade.wording.texts import in_language, language_spoken, listed, say

TERMS = (
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
    "c-statistic",
    "identifying",
    "control-function",
    "anderson-rubin",
    "two-lines",
    "bai",
    "steepness",
)
"""What is explained, in this order: ``terms.cr3-word`` is the word that a text has, ``terms.cr3`` what it means."""


def used_in(texts: Iterable[str], explained: Collection[str] = ()) -> list[str]:
    """The terms that stand in these texts and are not explained yet."""
    language = language_spoken()
    whole = "\n".join(in_language(text, language) for text in texts).casefold()
    return [term for term in TERMS if term not in explained and say(f"terms.{term}-word").casefold() in whole]


def explained_in(terms: Iterable[str]) -> str:
    """The terms in a sentence; empty where there are none."""
    said = [say(f"terms.{term}") for term in terms]
    return say("terms.said", terms=listed(said, "semicolon")) if said else ""
