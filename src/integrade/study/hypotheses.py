"""Check the hypotheses of a study file against the names that the study has, before anything runs."""

from __future__ import annotations

from integrade.errors import BadFormula, IntegradeError, UnknownName
from integrade.study.config import Study, terms_of
from integrade.study.lines import Lines, placed
from integrade.subjects.groups.question import title_of
from integrade.verdicts.bundle import OwnRule
from integrade.verdicts.hypotheses import Known, check_rule


def own_rules(study: Study) -> tuple[OwnRule, ...]:
    """Return the hypotheses as records."""
    return tuple(OwnRule(h.name, h.claim, h.rule, h.contradicted) for h in study.hypotheses)


def names_of(study: Study) -> Known:
    """Return the names that a rule of this study may use."""
    chosen, mediation = study.regression, study.section("mediation")
    versions = [version.name for section in ("outcomes", "indices", "samples") for version in study.section(section)]
    return Known(
        (*terms_of(chosen), *chosen.controls),
        mediation.mediators if mediation else (),
        [title_of(section) for section in study.section("groups")],
        versions,
    )


def check_rules(study: Study, lines: Lines) -> list[IntegradeError]:
    """Return errors for rules that cannot be parsed, or that use names that the study does not have."""
    known, problems = names_of(study), list[IntegradeError]()
    for i, hypothesis in enumerate(study.hypotheses):
        for key, text in (("rule", hypothesis.rule), ("contradicted", hypothesis.contradicted)):
            try:
                if text is not None:
                    check_rule(text, known)
            except (BadFormula, UnknownName) as problem:
                problems += placed(problem, f"{lines.place(('hypotheses', i, key))} of {hypothesis.name!r}")
    return problems
