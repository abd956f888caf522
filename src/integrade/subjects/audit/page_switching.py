"""Prepare the switches of the page, which show the main result under another choice. They need a stored audit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from integrade.estimate.inverted_u import FiellerKind
from integrade.report.rows import minus
from integrade.subjects.audit.switches import Audit, Headline, Switch
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.headline import headline
from integrade.verdicts.naming import conclusion_word, fieller_pieces, pieces_text, prose_of
from integrade.wording.numerals import capital, fixed, p_equals, percent, placed
from plainwords.texts import in_language, is_message, language_spoken, say

Block = Mapping[str, Any]

OTHER_UNITS = ("integration.", "quality.", "winsor.")
"""A choice whose key begins so may change the unit of the index or the outcome.

The curves of its versions are drawn separately.
"""
AUDIT, REPORT = "integrade audit STUDY", "integrade report STUDY"


def switches_of(audit: Audit | None, results: StudyResults) -> Block | None:
    """Return the page's data block in the current language: every choice with its versions, as texts and numbers.

    If there is nothing to switch, the block has only ``said``. This text explains how to get an audit, or that the
    stored audit belongs to another state of the study. Returns None for a study whose headline has no curve.
    """
    column = headline(results)
    if column is None or column.u_test is None:
        return None
    if audit is None:
        return {"said": say("switches.none", audit=AUDIT, report=REPORT)}
    if not same_study(audit, results) or audit.baseline.drawn is None:
        return {"said": say("switches.other-study", audit=AUDIT, report=REPORT)}
    x, outcome = prose_of(audit.treatment, results.labels), prose_of(audit.outcome, results.labels)
    done = sum(s.found is not None for s in audit.switches)
    choices = {s.key: [o for o in audit.switches if o.key == s.key] for s in audit.switches}
    return {
        "heading": say("switches.heading"),
        "about": say("switches.about", versions=done),
        "own": say("switches.own"),
        "version": say("switches.version", **_places("choice", "before")),
        "alone": say("switches.alone"),
        "reset": say("switches.reset"),
        "described": [say(key, **_places("choice")) for key in ("switches.drawn", "switches.drawn-alone")],
        "size": say("switches.size", x=x, outcome=outcome, **_places("start", "end", "change", "low", "high")),
        "turns": say("switches.turns", x=x, **_places("point", "interval", "p", "verdict", "rows")),
        "outside": say("switches.outside", x=x, **_places("point", "first", "last", "p", "verdict", "rows")),
        "axes": [capital(x), say("model_figures.fitted-difference", outcome=outcome, treatment=x)],
        "curve": _numbers(audit.baseline),
        "choices": [
            [
                choice_word(key),
                versions[0].before,
                say("switches.as-own", before=versions[0].before),
                key.startswith(OTHER_UNITS),
                [_option(s) for s in versions],
            ]
            for key, versions in choices.items()
        ],
    }


def choice_word(key: str) -> str:
    """Return the name of a choice, or its section and option if it has no name.

    The name of ``quality.sigma``, for example, is the elasticity of substitution.

    Example:
        >>> choice_word("regression.vcov"), choice_word("quality.no_instrument")
        ('Standard errors', 'Quality: no instrument')
    """
    known = f"choices.{key.replace('.', '-').replace('_', '-')}"
    if is_message(known):
        return say(known)
    section, _, option = key.partition(".")
    named = f"choices.section-{section}"
    if not option or not is_message(named):
        return key
    return say("choices.another", section=say(named), option=option.replace("_", " "))


def _places(*names: str) -> dict[str, str]:
    """Return each name in braces, as a placeholder. The script replaces it by the value of a version."""
    return {name: f"{{{name}}}" for name in names}


def same_study(audit: Audit, results: StudyResults) -> bool:
    """Return whether the audit's baseline is the headline of these results: same outcome, rows and coefficients."""
    column = headline(results)
    if column is None:
        return False
    fit = column.headline
    terms = {c.term: c.estimate for c in fit.coefficients}
    coefficients = (audit.baseline.b1, audit.baseline.b2)
    here = (terms.get(audit.treatment, math.nan), terms.get(f"{audit.treatment}^2", math.nan))
    # coefficients that agree to six digits count as the same; a convention
    near = all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(coefficients, here, strict=True))
    return audit.baseline.nobs == fit.nobs and audit.outcome == fit.outcome and near


def _option(switch: Switch) -> dict[str, Any]:
    """Return one version: its name, the values of its sentences, its numbers (by key of the row), and its curve.

    If the version has no result, return its name with the reason.
    """
    headline = switch.found
    if headline is None or headline.drawn is None:
        why = in_language(switch.why_not, language_spoken())
        return {"name": say("switches.not-possible", after=switch.after, why=why)}
    drawn = headline.drawn
    start, end, change, low, high = drawn.move
    first, last = drawn.curve[:2]
    kind: FiellerKind = "line" if not drawn.fieller else "interval" if drawn.between else "two_rays"
    fieller = pieces_text(fieller_pieces(kind, *(drawn.fieller or (None, None))), placed)
    return {
        "name": switch.after,
        "values": {
            "start": placed(start),
            "end": placed(end),
            "change": minus(fixed(change, 4)),
            "low": minus(fixed(low, 4)),
            "high": minus(fixed(high, 4)),
            "p": p_equals(headline.u_test_p),
            "verdict": conclusion_word(headline.verdict),
            **({} if first < headline.turning_point < last else {"first": placed(first), "last": placed(last)}),
        },
        "numbers": {
            "turning": say("brief.point-and-set", point=placed(headline.turning_point), interval=fieller),
            "share_past": percent(headline.past) if headline.past is not None else "",
            "N": f"{headline.nobs:,}",
            "point": placed(headline.turning_point),
            "interval": fieller,
        },
        "curve": _numbers(headline),
    }


def _numbers(headline: Headline) -> dict[str, Any]:
    """Return the data from which the script draws a curve, rounded to eight digits."""
    drawn = headline.drawn
    assert drawn is not None
    (point,) = _short((headline.turning_point,))
    return {"curve": _short(drawn.curve), "point": point, "ends": _short(drawn.fieller), "between": drawn.between}


def _short(values: Sequence[float]) -> list[float]:
    return [float(f"{value:.8g}") for value in values]
