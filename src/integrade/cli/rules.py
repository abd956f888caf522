"""Define ``integrade list rules``: the results that the rule of a hypothesis may name."""

from __future__ import annotations

from integrade.cli import say


def list_rules(*, json: bool) -> None:
    """Print the names of results, their arguments in parentheses, and their meaning."""
    from integrade.verdicts.hypotheses import MOVES, PLACES, QUANTITIES

    shown = {f"{name}({kind.needs})" if kind.needs else name: kind.about for name, kind in QUANTITIES.items()}
    if json:
        say.as_json(shown)
        return
    say.line("Each [[hypotheses]] section of study.toml has name, claim and rule; contradicted is optional")
    say.line("rule: comparisons of numbers and names of results (3.9 < turning_point < 4.2), joined by and, or, not;")
    say.line('      in "To 2008" after a name takes it from another outcome, index or sample of the study,')
    say.line('      in "ownership: state" takes it from the regression of one group of a split\n')
    for name, about in shown.items():
        say.line(f"  {name:<24} {about}")
    say.line(
        f"\n  place: {', '.join(PLACES)}; move, in quotes: {', '.join(MOVES)};"
        "\n  split, in quotes: the title of [[groups]]"
    )
