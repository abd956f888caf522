"""Register hypotheses that a user's own file defines and judges with a function of its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from integrade.errors import BadPlugin, UsageError
from integrade.records.plugins import REGISTRIES
from integrade.verdicts.bundle import StudyResults

Function = TypeVar("Function", bound=Callable[..., Any])
OUTCOMES = ("supported", "not supported", "contradicted", "not tested")


@dataclass(frozen=True)
class Hypothesis:
    """A user's claim, and the function that judges it from the results of a study."""

    name: str
    claim: str
    function: Callable[[StudyResults], Any]


HYPOTHESES: dict[str, Hypothesis] = {}
REGISTRIES.append(HYPOTHESES)


def hypothesis(name: str, claim: str) -> Callable[[Function], Function]:
    """Return a decorator that registers a function as the judge of a hypothesis and returns the function unchanged.

    The function takes the results of a study. It returns an outcome (supported, not supported, contradicted or not
    tested) and a sentence with the numbers on which the outcome rests. The report lists the hypothesis among the
    verdicts. Raises `UsageError` for a name that another hypothesis has.

    Example:
        >>> @hypothesis("Large", "The sample is large.")
        ... def large(results):
        ...     n = results.benchmark[-1].headline.nobs
        ...     return "supported" if n > 10_000 else "not supported", f"N = {n:,}."
        >>> HYPOTHESES.pop("Large").claim
        'The sample is large.'
    """

    def attach(function: Function) -> Function:
        known = HYPOTHESES.get(name)
        taken = known is not None and known.function.__module__ != function.__module__
        if taken or name in ("H1", "H2", "H3", "H4", "H5"):
            raise UsageError(f"there is a hypothesis {name!r} already", remedy="give it another name")
        HYPOTHESES[name] = Hypothesis(name, claim, function)
        return function

    return attach


def judged(hypothesis: Hypothesis, results: StudyResults) -> tuple[str, str]:
    """Return the outcome and the sentence of a hypothesis. Raises `BadPlugin` if its function returns anything else."""
    verdict = hypothesis.function(results)
    if isinstance(verdict, tuple) and len(verdict) == 2 and verdict[0] in OUTCOMES and isinstance(verdict[1], str):
        return verdict
    raise BadPlugin(
        f"the hypothesis {hypothesis.name!r} returns no outcome with a sentence",
        where=inspect.getsourcefile(hypothesis.function) or "",
        example=repr(verdict)[:80],
        remedy=f'return "supported", "the numbers in a sentence"; outcomes: {", ".join(OUTCOMES)}',
    )
