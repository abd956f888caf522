"""What a referee doubts about the benchmark: its shape, its few clusters, what it omits, its rows, its neighbours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from integrade.errors import FileMissing, NotIdentified, TooFew, did_you_mean
from integrade.frames import Table
from integrade.integration import RelativePrice
from integrade.measure import choose
from integrade.models.bundle import InferenceStudy, SensitivityStudy, ShapeStudy, SpilloverStudy
from integrade.models.linear.clusters import cluster_report
from integrade.models.linear.contrasts import joint_test
from integrade.models.linear.fit import Fit, estimate, fit, prepare
from integrade.models.robust.randomisation import Randomise, randomisation
from integrade.models.robust.row_level import RowLevel, RowLevelResult, row_level
from integrade.models.robust.sensitivity import ConfounderOptions, OsterOptions, omitted_confounder, oster
from integrade.models.robust.spillover import MechanicalCorrelation, Spillover, add_spillover, mechanical_correlation
from integrade.models.shape.inverted_u import curve, u_test
from integrade.models.shape.past import shares_past
from integrade.models.shape.two_lines import TwoLines, cubic_test, two_lines
from integrade.study import sections
from integrade.study.config import Study
from integrade.study.inputs import index_files

if TYPE_CHECKING:
    from integrade.models.linear.results import FitResult


class Data(NamedTuple):
    """The study, its folder of raw files, the rows and the formula of its full benchmark, and how that is estimated.

    ``series`` (the whole index by region and year) and ``prices`` are missing where the treatment is not the index that
    the study measures from them; ``rows`` (quality of customs rows) where the study does not ask for them.
    """

    study: Study
    root: Path
    sample: pl.DataFrame
    formula: str
    fit: Fit
    wild: int
    series: pl.DataFrame | None = None
    prices: Table | None = None
    rows: pl.DataFrame | None = None

    @property
    def treatment(self) -> str:
        """The regressor the study is about."""
        return self.study.regression.treatment

    @property
    def index_options(self) -> RelativePrice:
        """With which options the index was made from the prices."""
        given = {k: v for k, v in self.study.integration.items() if k not in ("level", "method", "with")}
        return choose(RelativePrice, None, given | index_files(self.study, self.root))

    def needed_prices(self) -> Table:
        """The prices; raises `NotIdentified` where the treatment is not an index made from them."""
        if self.prices is None:
            raise NotIdentified(f"{self.treatment!r} is not the relative-price index that the study measures")
        return self.prices


def shape(data: Data, section: sections.Shape) -> ShapeStudy:
    """The U-test over both ranges, who is past, two lines and the cube, with the wild bootstrap where there is one."""
    x, how = data.treatment, replace(data.fit, wild=data.wild, wild_ci=False)
    base = estimate(prepare(data.sample, data.formula, data.fit), data.fit)
    low, high = section.ends
    whole = u_test(base, x, level=section.level)
    return ShapeStudy(
        x, whole, u_test(base, x, level=section.level, low=low, high=high), (str(low), str(high)), section.level,
        shares_past(_estimated(data, base), whole) if whole.shape == "inverted U" else (),
        two_lines(data.sample, data.formula, TwoLines(variable=x, knots=section.knots, fit=how))
        if section.two_lines else None,
        cubic_test(data.sample, data.formula, x, how) if section.cubic else None,
        curve(base, x, section.curve, level=section.level),
    )  # fmt: skip


def _estimated(data: Data, base: FitResult) -> pl.DataFrame:
    """The rows of the regression: those of the sample less the singletons of its effects."""
    from integrade.models.linear.formula import parse_formula
    from integrade.models.linear.sample import estimation_rows, gather

    if not base.n_singletons:
        return data.sample
    parsed = parse_formula(data.formula)
    keys = ("firm", "region", "year")
    also = tuple(k for k in keys if k in data.sample.columns)
    return estimation_rows(gather(data.sample, parsed, data.fit, also=also), parsed, data.fit)


def inference(data: Data, section: sections.Inference) -> InferenceStudy:
    """Permutations of the regions' paths under the covariance of the headline, and the report on its clusters."""
    cluster = data.fit.cluster or "region"
    vcov: Any = data.fit.vcov if data.fit.vcov in ("CR1", "CR3") else "CR3"
    how = replace(data.fit, cluster=cluster, vcov=vcov, wild=0, wild_ci=False)
    if "+" in cluster:
        raise TooFew("the regression has several sets of clusters: paths and leverage are those of one")
    asked = Randomise(permutations=section.randomisation, seed=section.seed, fit=how)
    return InferenceStudy(
        randomisation(data.sample, data.formula, data.treatment, asked) if section.randomisation else None,
        cluster_report(data.sample, data.formula, cluster, how) if section.clusters else None,
    )


def sensitivity(data: Data, section: sections.Sensitivity) -> SensitivityStudy:
    """Oster's bound and Cinelli and Hazlett's robustness values for the slope at each place."""
    plain = replace(data.fit, wild=0, wild_ci=False)
    if not data.study.regression.controls:
        raise NotIdentified("the regression has no control to judge omitted variables by")
    bounds = [
        oster(data.sample, data.formula, data.treatment,
              OsterOptions(at=at, r_max=section.r_max, r_factor=section.r_factor, delta=section.delta, fit=plain))
        for at in section.at if section.oster
    ]  # fmt: skip
    strong = [
        omitted_confounder(data.sample, data.formula, data.treatment,
                           ConfounderOptions(at=at, q=section.q, alpha=section.alpha, fit=plain,
                                             benchmarks=tuple(section.benchmarks), strengths=tuple(section.strengths)))
        for at in section.at if section.robustness_value
    ]  # fmt: skip
    return SensitivityStudy(tuple(bounds), tuple(strong))


def customs_rows(data: Data, section: sections.RowLevel) -> RowLevelResult:
    """The benchmark on customs rows, with effects of products and markets, beside firm-years."""
    if data.rows is None or "firm" not in data.rows.columns:
        raise NotIdentified("the customs records name no exporting firm: rows have no firm-year to take values from")
    chosen = data.study.regression
    parts = data.formula.split(" | ")[0]
    asked = RowLevel(
        weights=section.weights, regime=section.regime, firm_year=data.formula,
        rauch=None if section.rauch is None else _classes(data.root / section.rauch),
        fit=replace(data.fit, cluster=chosen.cluster or "region", vcov=section.vcov, wild=0, wild_ci=False),
    )  # fmt: skip
    return row_level(data.rows, data.sample, f"{parts} | {' + '.join(section.effects)}", asked)


def spillovers(data: Data, section: sections.Spillover) -> SpilloverStudy:
    """The benchmark with the mean index of the neighbours, made without the pairs they share."""
    near = section.neighbours if section.neighbours == "adjacent" else str(named_file(data.root, section.neighbours))
    options = Spillover(neighbours=near, shared=section.shared, square=False, method=data.index_options)
    prices = data.needed_prices()
    wider = add_spillover(Table("panel", data.sample), options, prices=prices)
    more = [options.name, *([f"{options.name}^2"] if section.square else [])]
    own, *rest = data.formula.split(" | ")
    found = fit(wider, " | ".join([f"{own} + {' + '.join(more)}", *rest]), data.fit)
    lost = [term for term in more if term in found.dropped]
    if lost:
        raise NotIdentified(f"{lost[0]!r} was dropped: {found.dropped[lost[0]]}")
    x = data.treatment
    turns = not {x, f"{x}^2"} & set(found.dropped)
    return SpilloverStudy(
        options.name, section.neighbours, section.shared, found, joint_test(found, more),
        u_test(found, x) if turns else None, _mechanical(prices, options),
    )  # fmt: skip


def _mechanical(prices: Table, options: Spillover) -> MechanicalCorrelation | None:
    try:
        return mechanical_correlation(prices, options)
    except TooFew:
        return None


def named_file(root: Path, name: str) -> Path:
    """A file that a section names; raises `FileMissing` with the nearest name."""
    path = root / name
    if not path.is_file():
        near = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
        raise FileMissing(f"no file {name!r}", where=str(path.parent), remedy=did_you_mean(path.name, near))
    return path


def _classes(path: Path) -> pl.DataFrame:
    from integrade.sources import read_table

    found: pl.DataFrame = read_table(str(named_file(path.parent, path.name))).polars()
    return found
