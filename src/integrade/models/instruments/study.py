"""What a study says with one instrument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from integrade.models.fit.results import FitResult
from integrade.models.instruments.control_function import ControlFunction
from integrade.models.instruments.weak_iv import WeakIV


@dataclass(frozen=True)
class Instrumented:
    """The regression with one instrument: least squares beside it, first stages, estimators, weak-robust sets.

    ``variable`` is the endogenous regressor (half of the goods' index for split_goods). ``estimates``: 2SLS, LIML, GMM
    -> fit; ``problems`` say what could not be estimated.
    """

    title: str
    builder: str
    variable: str
    columns: tuple[str, ...]
    exclusion: str
    ols: FitResult | None = None
    first: tuple[FitResult, ...] = ()
    estimates: Mapping[str, FitResult] = field(default_factory=dict)
    weak: WeakIV | None = None
    control: ControlFunction | None = None
    problems: tuple[str, ...] = ()
