"""Write a fit as one JSON object, with the keys that ``integrade fit --json`` promises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any

import numpy as np

from integrade.estimate.inverted_u import UTest
from integrade.estimate.results import FitResult
from integrade.records.cautions import caution


def to_json(result: FitResult, u_test: UTest | None = None) -> dict[str, Any]:
    """Return a fit as plain numbers, text, lists and dictionaries. Missing and infinite values become None.

    ``vcov`` is a flat list, row-major, in the order of ``coefficients``. ``caution`` explains why the standard errors
    are not reliable (`integrade.verdicts.clustering`). It is None if there is no such reason.
    """
    entries: dict[str, Any] = {
        "formula": result.formula,
        "outcome": result.outcome,
        "coefficients": {c.term: {k: v for k, v in asdict(c).items() if k != "term"} for c in result.coefficients},
        "nobs": result.nobs,
        "n_singletons": result.n_singletons,
        "n_missing": result.n_missing,
        "dropped": dict(result.dropped),
        "effects": [asdict(e) for e in result.effects],
        "r2": result.r2,
        "r2_adjusted": result.r2_adjusted,
        "r2_within": result.r2_within,
        "r2_within_xtreg": result.r2_within_xtreg,
        "rmse": result.rmse,
        "df_t": result.df_t,
        "kind": result.kind,
        "vcov": result.vcov.ravel().tolist(),
        "clusters": dict(result.clusters),
        "ssc": result.ssc,
        "constant": None
        if result.constant is None
        else dict(zip(("estimate", "std_error"), result.constant, strict=True)),
        "notes": list(result.notes),
        "caution": caution(result),
    }
    if result.df_by_term:
        entries["df_by_term"] = dict(result.df_by_term)
    if result.model != "linear":
        entries["model"] = result.model
        entries["marginal_effects"] = {
            c.term: {k: v for k, v in asdict(c).items() if k != "term"} for c in result.marginal
        }
    if result.wild:
        entries["wild"] = {w.null: {k: v for k, v in asdict(w).items() if k != "null"} for w in result.wild}
    if result.iv is not None:
        entries["iv"] = asdict(result.iv)
    if u_test is not None:
        entries["u_test"] = asdict(u_test)
    return {key: plain(value) for key, value in entries.items()}


def plain(value: Any) -> Any:
    """Return a result record as dictionaries, lists, text and finite numbers.

    A fit inside it is converted by `to_json`.
    """
    if isinstance(value, FitResult):
        return to_json(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
