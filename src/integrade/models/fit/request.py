"""Options of questions that are answered by regressions: their own, and those of the regressions under ``fit``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Protocol, TypeVar

from integrade.catalogue import choose
from integrade.errors import UnknownName, did_you_mean
from integrade.models.fit.fit import Fit


class HasFit(Protocol):
    """Options that hold those of the regressions."""

    @property
    def fit(self) -> Fit:
        """How each regression is estimated."""
        ...


Options = TypeVar("Options", bound=HasFit)


def request(options: type[Options], given: Options | None, changes: Mapping[str, Any]) -> Options:
    """The options a call asks for; a change that names an option of `Fit` goes to the regressions.

    With one cluster variable and no ``vcov`` given, the covariance is CR3. Raises `UnknownName` for an option that
    neither has.
    """
    assert is_dataclass(options)
    own = {f.name for f in fields(options)}
    inner = {f.name for f in fields(Fit)}
    for name in changes:
        if name not in own | inner:
            raise UnknownName(f"unknown option {name!r} of {options.__name__}", remedy=did_you_mean(name, own | inner))
    chosen = choose(options, given, {k: v for k, v in changes.items() if k in own})
    asked = choose(Fit, chosen.fit, {k: v for k, v in changes.items() if k not in own})
    if asked.vcov == "auto" and asked.cluster and "+" not in asked.cluster:
        asked = replace(asked, vcov="CR3")
    return choose(options, chosen, {"fit": asked})
