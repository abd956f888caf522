"""Print the first page in ten lines or fewer: effect, noise, turning point, evidence against the effect, hypotheses."""

from __future__ import annotations

from collections.abc import Iterator

from integrade.subjects.truth.verdict import is_wrong
from integrade.verdicts import opening
from integrade.verdicts.against import against, against_the_measures
from integrade.verdicts.bundle import StudyResults, Verdict
from integrade.verdicts.headline import names_of_verdicts, summary
from integrade.verdicts.naming import outcome_word
from plainwords.texts import listed, say

LINES = 10
SHOWN = 3
"""Number of findings against the headline that are printed in full; the others are only counted."""
OUTCOMES = ("supported", "contradicted", "not supported", "cannot be told", "not tested")


def first_lines(results: StudyResults) -> list[str]:
    """Return at most ten lines that answer the question of a study, in the current language.

    For a study without a regression, return the first sentence on its measures and the evidence against them.
    """
    if not results.benchmark:
        findings = [say("terminal.against", finding=sentence) for sentence in against_the_measures(results)]
        return [str(line) for line in (*summary(results)[:1], *findings)][:LINES]
    size, turning = opening.size_said(results), opening.turning_said(results)
    if not size:
        return []
    sentences = [one.sentence for one in against(results)]
    findings = [say("terminal.against", finding=sentence) for sentence in sentences[:SHOWN]]
    if len(sentences) > SHOWN:
        findings[-1] = listed([findings[-1], say("terminal.more", more=str(len(sentences) - SHOWN))], "sentences")
    if not sentences:
        findings = [say("against.nothing")]
    lines = [
        listed(size[:2], "sentences"),
        *_joined(size[2:]),
        *_joined(turning),
        *findings,
        *_hypotheses(results.verdicts),
    ]
    return [str(line) for line in lines[:LINES]]


def _joined(sentences: list[str]) -> list[str]:
    """Return the sentences as one line; no line without sentences."""
    return [listed(sentences, "sentences")] if sentences else []


def _hypotheses(verdicts: tuple[Verdict, ...]) -> Iterator[str]:
    """Yield a line on the hypotheses by outcome, and a line on verdicts that are wrong in a simulated economy."""
    by = dict[str, list[str]]()
    for v, name in zip(verdicts, names_of_verdicts(verdicts), strict=True):
        by.setdefault(v.outcome, []).append(name)
    groups = [
        say("terminal.outcome", outcome=outcome_word(o), hypotheses=listed(by[o], "semicolon"))
        for o in OUTCOMES
        if o in by
    ]
    if groups:
        yield listed(groups, "sentences")
    wrong = [v.heading for v in verdicts if is_wrong(v)]
    if wrong:
        yield say("terminal.wrong", verdicts=listed(wrong, "semicolon"))
