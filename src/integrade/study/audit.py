"""Estimate the headline under other choices, changing one of the study's choices at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from integrade.engine.frames import Engine
from integrade.errors import IntegradeError, NotIdentified, UsageError, speaking
from integrade.estimate.contrasts import combination
from integrade.estimate.fit import columns_of
from integrade.estimate.formula import parse_formula
from integrade.estimate.inverted_u import UTest, parabola, percentile_of, u_test
from integrade.estimate.linear import estimate, prepare
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import FitResult
from integrade.integration.relative_price import relative_price
from integrade.study.asked import options_of
from integrade.study.choices import Move, moves
from integrade.study.config import Regression, Study, terms_of
from integrade.study.data.tables import measured_from
from integrade.study.inputs import index_given
from integrade.study.reading import load
from integrade.study.run import STORE
from integrade.study.variants import Own, changed, other_panel, own_panel, side_by_side
from integrade.subjects.audit.switches import Audit, Drawn, Headline, Switch
from integrade.verdicts.mediator_roles import HUMAN_CAPITAL
from integrade.verdicts.naming import good_word
from rawcells import doors

KEY = ("firm", "year")


class _Base(NamedTuple):
    """The study with its panel.

    ``moved`` names the columns of the outcome and the treatment. ``others`` has all other columns of the panel, which
    most moves leave unchanged.
    """

    own: Own
    moved: tuple[str, ...]
    others: Ready

    @property
    def study(self) -> Study:
        return self.own.study

    @property
    def panel(self) -> pl.DataFrame:
        return self.own.panel

    def ready(self, panel: pl.DataFrame) -> Ready:
        """Return a panel ready for its regression, reusing columns that it shares with the study's own panel."""
        chosen = self.study.regression
        used = {*KEY, *columns_of(panel.columns, parse_formula(formula_of(chosen)), options_of(chosen))}
        stay = [c for c in panel.columns if c in used and c not in self.moved]
        same = panel.height == self.panel.height and panel.columns == self.panel.columns
        if same and all(panel[c].equals(self.panel[c]) for c in stay):
            return self.others.plus({c: panel[c] for c in self.moved})
        return ready(panel)


@speaking("file")
def audit_study(
    path: Path, *, engine: Engine = "auto", only: str = "", tell: Callable[[str], None] = lambda _: None
) -> Audit:
    """Estimate the full benchmark of a study again under every choice of `choices`, changing one choice at a time.

    ``only`` limits the audit to keys that begin with it (``integration``, ``regression.vcov``). Finished versions are
    stored next to the steps of the study's own runs. A second audit reuses them, also if the first was killed. A choice
    that the data do not allow is listed with the reason.
    """
    root, study = path if path.is_dir() else path.parent, load(path)
    if not study.regression.square:
        what = "an audit needs a turning point, but the treatment has no square"
        raise UsageError(what, remedy="square = true in [regression], or the square in its formula")
    chosen = study.regression
    with own_panel(study, root, engine, root / STORE) as study_panel:
        # the outcome and the treatment may be terms of several columns
        named = parse_formula(f"{chosen.outcome} ~ {chosen.treatment}").numeric_columns
        moved = tuple(c for c in named if c in study_panel.panel.columns and c not in KEY)
        base = _Base(study_panel, moved, ready(study_panel.panel.drop(moved)))
        whole = base.ready(study_panel.panel)
        baseline, fitted = headline(whole, chosen)
        possible = moves(study, study_panel.panel, study_panel.paired())
        chosen_moves = [m for m in (*possible, *_goods(base)) if m.key.startswith(only)]

        def switch(at: int) -> Switch:
            move = chosen_moves[at]
            if move.why_not:
                return Switch(move.key, move.before, move.after, move.about, None, move.why_not)
            tell(f"{at + 1} of {len(chosen_moves)}: {move.key} = {move.after}")
            try:
                result, why = headline(*_moved(base, whole, move))[0], ""
            except IntegradeError as problem:
                result, why = None, problem.what
            return Switch(move.key, move.before, move.after, move.about, result, why)

        switches = side_by_side(switch, len(chosen_moves))
    return Audit(study.title, chosen.treatment, chosen.outcome, fitted.formula, baseline, tuple(switches))


def formula_of(chosen: Regression) -> str:
    """Return the formula of the full benchmark regression."""
    right = " + ".join([*terms_of(chosen), *chosen.controls])
    return f"{chosen.outcome} ~ {right}" + (f" | {' + '.join(chosen.effects)}" if chosen.effects else "")


def headline(panel: pl.DataFrame | Ready, chosen: Regression) -> tuple[Headline, FitResult]:
    """Estimate the benchmark on a panel.

    Return the headline and the fit. The headline has the turning point, the U-test, and the slopes at p10 and p90 in
    standard deviations.
    """
    x, options = chosen.treatment, options_of(chosen)
    design = prepare(panel, formula_of(chosen), options)
    result = estimate(design, options)
    for term in (x, f"{x}^2"):
        if term in result.dropped:
            raise NotIdentified(f"{term} was dropped: {result.dropped[term]}")
    test = u_test(result, x)
    at = {where: value for where, value, _, _ in test.slopes}
    scale = float(np.std(design.labels[x].to_numpy()) / design.deviations[-1])
    low, high = (_slope(result, x, at[p], scale) for p in ("p10", "p90"))
    fieller = (
        "line" if test.fieller_low is None else f"{test.fieller_kind} {test.fieller_low:.4g} {test.fieller_high:.4g}"
    )
    clusters = f" by {' + '.join(result.clusters)}" if result.clusters else ""
    result_of_headline = Headline(
        result.nobs,
        result[x].estimate,
        result[f"{x}^2"].estimate,
        test.turning_point,
        fieller,
        test.p_value,
        low,
        high,
        test.share_past,
        result.kind + clusters,
        result.basis,
        _drawn(result, x, test),
        float(design.deviations[-1]),
    )
    return result_of_headline, result


def _drawn(result: FitResult, x: str, test: UTest) -> Drawn:
    """Return the curve, the move from the 25th to the 75th percentile, and the ends of Fieller's set."""
    start, end = (percentile_of(result, x, p) for p in (25, 75))
    moved = combination(result, {x: end - start, f"{x}^2": end**2 - start**2}, "p25-p75")
    ends = () if test.fieller_low is None or test.fieller_high is None else (test.fieller_low, test.fieller_high)
    move = (start, end, moved.estimate, moved.conf_low, moved.conf_high)
    return Drawn(tuple(parabola(result, x)), move, ends, test.fieller_kind == "interval")


def _slope(result: FitResult, x: str, point: float, scale: float) -> tuple[float, float, float]:
    slope = combination(result, {x: 1.0, f"{x}^2": 2 * point}, "slope")
    return slope.estimate * scale, slope.conf_low * scale, slope.conf_high * scale


def _goods(base: _Base) -> list[Move]:
    """Return moves that leave out one good at a time, if the index is made from prices and is not winsorised."""
    study = base.study
    if study.integration.get("method", "relative_price") != "relative_price" or "prices" not in base.own.done:
        return []
    if study.regression.treatment != "market" or "market" in study.winsor.columns:
        return []
    prices = pl.read_parquet(doors.regular(base.own.done["prices"].folder / "prices.parquet"))
    goods = prices["commodity"].unique().sort().to_list()
    if len(goods) < 4:  # an index needs at least three goods
        return []
    words = {g: good_word(g, study.report.labels) for g in goods}
    return [Move("integration.goods", f"{len(goods)} goods", f"without {words[g]}", g) for g in goods]


def _moved(base: _Base, whole: Ready, move: Move) -> tuple[Ready, Regression]:
    """Return the panel and the regression after a move, which changes one choice."""
    regression, panel = base.study.regression, base.panel
    if move.rows is not None:
        return whole.on(panel.select(move.rows.alias("kept"))["kept"].fill_null(value=False).to_numpy()), regression
    if move.key == "integration.goods":
        return base.ready(_without_good(base, move.value)), regression
    if move.key.startswith("regression."):
        return whole, Regression.model_validate({**regression.model_dump(), **_together(regression, move)})
    key = "quality" if move.key == "quality.method" else move.key  # another measure has other options
    version = changed(base.study, key, move.value)
    if key == "education.log":  # a mediator, which the benchmark lacks
        regression = regression.model_copy(update={"controls": [*regression.controls, HUMAN_CAPITAL]})
        return ready(other_panel(base.own, version)), regression
    return base.ready(other_panel(base.own, version)), regression


def _together(own: Regression, move: Move) -> dict[str, Any]:
    """Return the keys of [regression] that a move changes.

    A clustered covariance gets clusters by region if the study has no clusters. New clusters get the covariance CR1,
    unless they are regions and the study's own covariance is clustered. Both moves turn the wild bootstrap off.
    """
    name = move.key.removeprefix("regression.")
    if name == "vcov":
        needs = str(move.value).startswith("CR")
        cluster = (own.cluster or "region") if needs else None
        several = "+" in str(cluster) and move.value in ("CR2", "CR3")
        return {"vcov": move.value, "cluster": "region" if several else cluster, "wild": 0}
    if name == "cluster":
        few = move.value == "region"
        return {"cluster": move.value, "vcov": own.vcov if few and own.vcov.startswith("CR") else "CR1", "wild": 0}
    return {name: move.value}


def _without_good(base: _Base, good: str) -> pl.DataFrame:
    """Return the study's panel with the index computed from all goods but one."""
    prices = measured_from(base.own.done["prices"].folder, "prices")
    others = replace(prices, data=prices.polars().filter(pl.col("commodity") != good))
    wanted = {k: v for k, v in base.study.integration.items() if k not in ("level", "se", "method", "with")}
    wanted |= index_given(base.study, base.own.root)
    index = relative_price(others, **wanted).polars()
    side = base.own.sides["integration"]()
    moved = side.rows.select(side.key).join(index, on=side.key, how="left", maintain_order="left")
    return base.panel.with_columns(market=moved["integration"].gather(side.places))
