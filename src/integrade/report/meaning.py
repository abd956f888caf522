"""Explain a printed number in words, by the key of its row: how it was computed from the model."""

from __future__ import annotations

from collections.abc import Mapping

from integrade.records.question import REGISTER
from integrade.report.addresses import origin_of, term_of
from integrade.report.printed import PrintedTable
from integrade.report.rows import Origin
from integrade.verdicts.naming import clustered_by
from plainwords.texts import listed, say, worded

OF_A_TERM: Mapping[str, str] = {
    "": "meaning.coefficient",
    "t": "meaning.t-statistic",
    "se": "meaning.standard-error",
    "p": "meaning.p-value",
    "low": "meaning.lower-end",
    "high": "meaning.upper-end",
    "wild": "meaning.wild-p-of-coefficient",
    "share_of_truth": "meaning.share-of-truth",
}
"""Part of the key after the term -> meaning, for rows about one coefficient."""

MEANINGS: Mapping[str, str] = {
    "constant": "meaning.constant",
    "constant.t": "meaning.t-of-constant",
    "constant.se": "meaning.error-of-constant",
    "N": "meaning.rows",
    "R2": "meaning.variance-explained",
    "R2_within": "meaning.variance-explained-within",
    "hausman": "meaning.hausman",
    "vcov": "meaning.kind-of-errors",
    "clusters": "meaning.clusters",
    "df": "meaning.degrees-of-freedom",
    "ssc": "meaning.package-of-corrections",
    "singletons": "meaning.singletons",
    "shape": "meaning.shape",
    "turning_point": "meaning.turning-point",
    "turning_point.p": "meaning.equal-turning-points",
    "steepness": "meaning.steepness",
    "steepness.p": "meaning.equal-steepness",
    "overall.wild": "meaning.wild-p-of-one-effect",
    "overall.wild.holm": "meaning.wild-p-of-one-effect-holm",
    "fieller": "meaning.fieller-interval",
    "delta": "meaning.delta-interval",
    "u_test": "meaning.u-test",
    "u_test.holm": "meaning.u-test-holm",
    "move": "meaning.change-of-move",
    "move.interval": "meaning.interval-of-move",
    "noise_net": "meaning.noise-net",
    "covered.move": "meaning.covered",
    "covered.slopes": "meaning.covered",
    "covered.turning": "meaning.covered",
    "covered.uninformative": "meaning.uninformative",
    "move.1": "meaning.move",
    "move.2": "meaning.move",
    "share_past": "meaning.share-past",
    "wild": "meaning.wild-p",
    "wild.equal_tails": "meaning.wild-p-equal-tails",
    "wild.set": "meaning.wild-set",
    "wild.both": "meaning.wild-p-both-terms",
}
"""Key -> meaning, for the other rows."""

OF_A_DIFFERENCE: Mapping[str, str] = {
    "": "meaning.difference",
    "t": "meaning.t-of-difference",
    "p": "meaning.p-of-difference",
    "permutation": "meaning.permutation-p-of-difference",
    "wild": "meaning.wild-p-of-difference",
    "holm": "meaning.holm-p-of-difference",
}


def meaning_of(table: PrintedTable, row: int, column: int, quantity: str = "") -> str:
    """Return a text on how the number of a cell was computed."""
    origin, key = origin_of(table, row, column), table.rows[row].key
    term = term_of(origin.fit, key)
    if term is not None:
        tail = quantity or key.removeprefix(term.term).removeprefix(".")
        text = say(OF_A_TERM[tail]) if tail in OF_A_TERM else say("meaning.t-under-other-errors", errors=_errors(tail))
        return say("meaning.with-origin", meaning=text, origin=origin.how) if origin.how else text
    meaning = MEANINGS.get(key) or next((q.rows[key] for q in REGISTER.values() if key in q.rows), "")
    known = worded(meaning) if meaning else _by_ending(key, origin)
    texts = list(dict.fromkeys(text for text in (known, origin.how) if text))
    return listed(texts, "semicolon") if texts else say("meaning.as-row-and-heading")


def _errors(tail: str) -> str:
    """Return the name of the standard errors in a key such as ``CR1_region``: the kind, and the clusters."""
    kind, clustered, cluster = tail.partition("_")
    if clustered:
        return clustered_by(kind, [cluster.replace("_", " ")])
    return say("meaning.bootstrap") if kind == "bootstrap" else kind


def _by_ending(key: str, origin: Origin) -> str:
    """Return the meaning of fixed effects, slopes at percentiles and group differences, by the ending of the key."""
    if key.endswith("_fe"):
        return say("meaning.whether-these-effects")
    if key.startswith("slope."):
        return say("meaning.slope-at", place=key.removeprefix("slope."))
    if key.startswith("clusters."):
        return say("meaning.clusters")
    if key.startswith("like."):
        return say("meaning.like-this-control")
    if key.endswith(".wild") and "+" in key:
        return say("meaning.wild-p-of-all-zero")
    head, _, tail = key.partition(".")
    if origin.kind == "difference" and (not tail or tail in OF_A_DIFFERENCE):
        known = say(OF_A_DIFFERENCE[tail])
        return say("meaning.all-terms", meaning=known) if head == "all" else known
    return ""
