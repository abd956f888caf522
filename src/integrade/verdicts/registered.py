"""Hypotheses that a user's own file judges by a function of its own."""

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
    """What a user claims, and the function that judges it from the results of a study."""

    name: str
    claim: str
    function: Callable[[StudyResults], Any]


HYPOTHESES: dict[str, Hypothesis] = {}
REGISTRIES.append(HYPOTHESES)


def hypothesis(name: str, claim: str) -> Callable[[Function], Function]:
    """Make a function the judge of a hypothesis; it comes back unchanged.

    The function takes the results of a study and returns an outcome (supported, not supported, contradicted or not
    tested) and a sentence with the numbers it rests on. The report lists it among the verdicts. Raises `UsageError`
    for a name that another hypothesis has.

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


def judged(own: Hypothesis, results: StudyResults) -> tuple[str, str]:
    """The outcome and the sentence of a hypothesis. Raises `BadPlugin` for a function that returns anything else."""
    found = own.function(results)
    if isinstance(found, tuple) and len(found) == 2 and found[0] in OUTCOMES and isinstance(found[1], str):
        return found
    raise BadPlugin(
        f"the hypothesis {own.name!r} returns no outcome with a sentence",
        where=inspect.getsourcefile(own.function) or "",
        example=repr(found)[:80],
        remedy=f'return "supported", "the numbers in a sentence"; outcomes: {", ".join(OUTCOMES)}',
    )
