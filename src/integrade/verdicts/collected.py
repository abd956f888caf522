"""Judge the hypotheses that a study has results for: of the paper, of the study file, and of plugins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from typing import cast

from integrade.verdicts.bundle import StudyResults, Verdict
from integrade.verdicts.hypotheses import Known, check_rule, judge_rule, rule_sentence
from integrade.verdicts.mediator_roles import HUMAN_CAPITAL, RESEARCH, by_role
from integrade.verdicts.named_rules import Finding, Outcome, Rule, differs_by, mediated_by, named_rules, size_of_paths
from integrade.verdicts.naming import prose_of, split_word, word_of_treatment
from integrade.verdicts.registered import HYPOTHESES, Hypothesis, judged
from integrade.verdicts.without_noise import corrected_results, settled
from plainwords.texts import ended, listed, say


def rules_of(results: StudyResults) -> tuple[Rule, ...]:
    """Return H1 to H5 with results, then H6, H7 and so on: one for every other mediator and split.

    The hypotheses of the study file and of plugins come last. Without a regression there are none.
    """
    if not results.benchmark:
        return ()
    mediators = [m.mediators[0].name for m in results.mediation]
    owned = any(s.how == "ownership" for s in results.groups)
    curved = "^2" in results.benchmark[-1].headline.formula
    of_paper = by_role(mediators)
    has_results = {"H1": curved, "H2": HUMAN_CAPITAL in of_paper, "H3": RESEARCH in of_paper, "H4": owned}
    named = [rule for rule in named_rules(results) if has_results[rule.hypothesis]]
    labels = results.labels
    # H6, H7 and so on, without the names that the study file and plugins use
    taken = {*(own.name for own in results.hypotheses), *(plugin.name for plugin in HYPOTHESES.values())}
    names = (name for name in map("H{}".format, count(6)) if name not in taken)
    more = [
        Rule(
            next(names),
            say("verdicts.claim-channel", treatment=word_of_treatment(results), mediator=prose_of(m, labels)),
            mediated_by(m),
            say("verdicts.rule-acts", mediator=prose_of(m, labels), size=size_of_paths(results)),
            f"acts:{m}",
        )
        for m in mediators
        if m not in of_paper.values()
    ]
    splits = [
        Rule(
            "H5" if s.how == "area" else next(names),
            say("verdicts.claim-difference", split=split_word(s.how, s.title)),
            differs_by(s.title),
            say("verdicts.rule-differs"),
            f"differs:{s.comparison.by if s.how in ('column', 'list') else s.how}",
        )
        for s in results.groups
        if s.how != "ownership"
    ]
    area = [rule for rule in splits if rule.hypothesis == "H5"]
    others = [rule for rule in splits if rule.hypothesis != "H5"]
    return (*named, *area, *more, *others, *own_rules(results), *registered_rules())


def own_rules(results: StudyResults) -> Iterator[Rule]:
    """Yield the hypotheses of the study file, each judged by its own rule (`integrade.verdicts.hypotheses`)."""
    known = Known((), strict=False)
    for hypothesis in results.hypotheses:
        rule = check_rule(hypothesis.rule, known)
        opposite = None if hypothesis.contradicted is None else check_rule(hypothesis.contradicted, known)
        judge = partial(judge_rule, rule=rule, opposite=opposite)
        yield Rule(hypothesis.name, ended(hypothesis.claim), judge, rule_sentence(rule, opposite, results), "own")


def registered_rules() -> Iterator[Rule]:
    """Yield the hypotheses of plugins, each judged by its own function (`integrade.verdicts.registered`)."""
    for hypothesis in HYPOTHESES.values():
        yield Rule(hypothesis.name, ended(hypothesis.claim), partial(_registered, hypothesis))


def _registered(hypothesis: Hypothesis, results: StudyResults) -> Finding:
    outcome, sentence = judged(hypothesis, results)
    return Finding(cast(Outcome, outcome), sentence)


def verdicts(results: StudyResults, rules: Sequence[Rule] | None = None) -> tuple[Verdict, ...]:
    """Return the verdict of every rule on a study, by default of the rules of `rules_of`.

    A claim must also hold with the index corrected for noise, where the study corrects it (`verdicts.without_noise`).
    """
    again = corrected_results(results)
    findings = [(rule, settled(rule, results, again)) for rule in (rules_of(results) if rules is None else rules)]
    return tuple(
        Verdict(
            r.hypothesis,
            f.outcome,
            f.sentence,
            r.statement,
            r.rule if again is None or not r.about else listed([r.rule, say("without_noise.rule")], "sentences"),
            f.found,
            f.parts,
            r.about,
            results.claims.get(r.about),
        )
        for r, f in findings
    )
