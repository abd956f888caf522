"""Compose the end of a run in the terminal: answer, verdicts, comparison with the truth, strongest objection."""

from __future__ import annotations

from collections.abc import Iterator

from integrade.subjects.truth.verdict import is_missed, is_wrong
from integrade.verdicts import brief, opening
from integrade.verdicts.against import against, against_the_measures
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.headline import names_of_verdicts, summary
from integrade.verdicts.naming import outcome_word
from integrade.wording.ending import Part
from plainwords.texts import listed, say

OUTCOMES = ("supported", "contradicted", "not supported", "cannot be told", "not tested")


def ending(results: StudyResults) -> list[Part]:
    """Return answer, verdicts, truth of a simulated economy and strongest objection, in the current language."""
    reading = brief.read(results)
    parts = [
        Part(brief.answer(reading), say("terminal.answer")),
        *_verdicts(results),
        Part(_truth(results), say("terminal.truth")),
        Part(brief.strongest(reading), say("terminal.strongest")),
    ]
    return [part for part in parts if part.text]


def details(results: StudyResults) -> list[Part]:
    """Return the sentences on the effect and the turning point, everything against the effect, and all claims.

    For a study without a regression, return the sentences on its measures and the evidence against them.
    """
    if results.benchmark:
        findings = [one.sentence for one in against(results)] or [say("against.nothing")]
        effect, turning = opening.size_said(results), opening.turning_said(results)
    else:
        findings = against_the_measures(results)
        effect, turning = summary(results), []
    return [
        *(Part(text, say("terminal.effect")) for text in _joined(effect)),
        *(Part(text, say("terminal.turning")) for text in _joined(turning)),
        *(Part(text, say("terminal.against")) for text in findings),
        *_claims(results),
    ]


def _joined(sentences: list[str]) -> list[str]:
    """Return the sentences as one text; no text without sentences."""
    return [listed(sentences, "sentences")] if sentences else []


def _verdicts(results: StudyResults) -> Iterator[Part]:
    """Yield for each outcome the names of its hypotheses."""
    by = dict[str, list[str]]()
    for v, name in zip(results.verdicts, names_of_verdicts(results.verdicts), strict=True):
        by.setdefault(v.outcome, []).append(name)
    for outcome in OUTCOMES:
        if outcome in by:
            names = by[outcome]
            between = "  " if all(" " not in name for name in names) else "; "
            yield Part(f"{outcome_word(outcome)}\t{between.join(names)}", say("terminal.verdicts"), outcome)


def _claims(results: StudyResults) -> Iterator[Part]:
    for v in results.verdicts:
        if v.statement:
            yield Part(f"{v.hypothesis}\t{v.statement}", say("terminal.claims"))


def _truth(results: StudyResults) -> str:
    """Return how many verdicts agree with the simulated economy, and which do not; empty where no truth is known."""
    names = names_of_verdicts(results.verdicts)
    known = [
        (name, v)
        for name, v in zip(names, results.verdicts, strict=True)
        if v.truth is not None and v.outcome != "not tested"
    ]
    if not known:
        return ""
    wrong = [name for name, v in known if is_wrong(v)]
    missed = [name for name, v in known if is_missed(v)]
    sentences: list[str] = [
        say("terminal.agree", n=str(len(known) - len(wrong) - len(missed)), all=str(len(known))),
        *([say("terminal.refuted", verdicts=listed(wrong))] if wrong else []),
        *([say("terminal.missed", verdicts=listed(missed))] if missed else []),
    ]
    return listed(sentences, "sentences")
