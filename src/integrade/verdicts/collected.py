"""Judge the hypotheses that a study has results for: of the paper, of the study file, and of plugins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import NamedTuple, cast

from integrade.verdicts.bundle import StudyResults, Verdict
from integrade.verdicts.hypotheses import Known, check_rule, judge_rule, rule_sentence
from integrade.verdicts.mediator_roles import HUMAN_CAPITAL, RESEARCH, by_role
from integrade.verdicts.named_rules import Finding, Outcome, Rule, differs_by, mediated_by, named_rules, size_of_paths
from integrade.verdicts.naming import prose_of, split_word, word_of_treatment
from integrade.verdicts.registered import HYPOTHESES, Hypothesis, judged
from integrade.verdicts.without_noise import corrected_results, of_the_rows, settled
from plainwords.texts import Said, ended, say


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
    labels = results.labels
    failed = [*_failed_mediators(results), *_failed_splits(results)]
    without = {f.hypothesis: f for f in failed if f.hypothesis and not has_results.get(f.hypothesis)}
    named = [
        _not_tested(rule, without[rule.hypothesis].why) if rule.hypothesis in without else rule
        for rule in named_rules(results)
        if has_results[rule.hypothesis] or rule.hypothesis in without
    ]
    # H6, H7 and so on, without the names that the study file and plugins use
    taken = {*(own.name for own in results.hypotheses), *(plugin.name for plugin in HYPOTHESES.values())}
    names = (name for name in map("H{}".format, count(6)) if name not in taken)
    more = [
        Rule(
            next(names),
            say("verdicts.claim-channel", treatment=word_of_treatment(results), mediator=prose_of(m, labels)),
            mediated_by(m),
            say("verdicts.rule-acts", mediator=prose_of(m, labels)),
            f"acts:{m}",
            say("verdicts.rule-paths", size=size_of_paths(results)),
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
    area += [_not_estimated("H5", f) for f in failed if f.hypothesis == "H5" and not area]
    others += [_not_estimated(next(names), f) for f in failed if not f.hypothesis]
    return (*named, *area, *more, *others, *own_rules(results), *registered_rules())


class Failed(NamedTuple):
    """A mediator or a split without a result: its hypothesis among H2 to H5 (or empty), claim, code and reason."""

    hypothesis: str
    claim: str
    about: str
    why: str


def _failed_splits(results: StudyResults) -> Iterator[Failed]:
    """Yield the splits that the data do not allow."""
    for given in _given(results, "groups"):
        how = given["how"]
        claim = say("verdicts.claim-difference", split=split_word(how, given["title"]))
        about = given["by"] if how in ("column", "list") else how
        yield Failed({"ownership": "H4", "area": "H5"}.get(how, ""), claim, f"differs:{about}", given["why"])


def _failed_mediators(results: StudyResults) -> Iterator[Failed]:
    """Yield the mediators whose mediation the data do not allow."""
    treatment = word_of_treatment(results)
    for given in _given(results, "mediation"):
        mediator = given["mediator"]
        role = next(iter(by_role([mediator])), "")
        claim = say("verdicts.claim-channel", treatment=treatment, mediator=prose_of(mediator, results.labels))
        hypothesis = {HUMAN_CAPITAL: "H2", RESEARCH: "H3"}.get(role, "")
        yield Failed(hypothesis, claim, f"acts:{mediator}", given["why"])


def _given(results: StudyResults, section: str) -> Iterator[Mapping[str, str]]:
    """Yield the values of the sentences on results of a section that the data do not allow."""
    for sentence in results.left_out.get(section, ()):
        if isinstance(sentence, Said):
            given = {name: str(value) for name, value in sentence.given.items()}
            yield given | {"why": say("verdicts.not-estimated", why=sentence.given["why"])}


def _not_tested(rule: Rule, why: str) -> Rule:
    """Return a rule that is not tested for the reason given."""
    return replace(rule, judge=lambda _: Finding("not tested", why))


def _not_estimated(name: str, failed: Failed) -> Rule:
    """Return a hypothesis on a mediator or split without a result, which is not tested."""
    return Rule(name, failed.claim, lambda _: Finding("not tested", failed.why), about=failed.about)


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
            r.rule,
            f.found,
            f.parts,
            r.about,
            results.claims.get(r.about),
            tuple(_shared(r, f, corrected=again is not None)),
        )
        for r, f in findings
    )


def _shared(rule: Rule, finding: Finding, *, corrected: bool) -> Iterator[str]:
    """Yield what a rule has in common with others: the tests of its kind, and the corrected index where used."""
    if rule.shared:
        yield rule.shared
    if corrected and rule.about and not of_the_rows(finding):
        yield say("without_noise.rule")
