"""Compare estimates with the truth of a simulated economy, and give the reason if the two differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

import numpy as np
import polars as pl

from integrade.engine.exact import average_of, correlation_of
from integrade.engine.frames import Table
from integrade.errors import IntegradeError
from integrade.estimate.contrasts import combination
from integrade.estimate.fit import columns_of, fit
from integrade.estimate.formula import parse_formula
from integrade.estimate.inverted_u import UTest, u_test
from integrade.estimate.linear import Fit, prepare
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import Coefficient, FitResult, by_term
from integrade.quality.sigma import ESTIMATED
from integrade.records.question import question
from integrade.records.schema import column_word
from integrade.study.asked import Asked, panel_in, stored_answer
from integrade.study.data.index_trust import trust_in
from integrade.study.measures import by_prices
from integrade.study.setting import Folders
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.benchmark.question import benchmark_in
from integrade.subjects.groups.question import grouped, title_of
from integrade.subjects.groups.records import GroupSplit
from integrade.subjects.instruments import question as instruments
from integrade.subjects.instruments.weak_iv import Instrumented
from integrade.subjects.mediation.mediate import Mediation, mediate
from integrade.subjects.mediation.records import Indirect, MediationResult
from integrade.subjects.noise.records import NoiseStudy
from integrade.subjects.shape.effect_size import effect_sizes
from integrade.subjects.truth.model import Truth
from integrade.verdicts import places
from integrade.wording.numerals import placed
from plainwords.texts import say
from rawcells import doors
from rawcells.bytes.damage import parsing

if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults

Ends = tuple[float | None, float | None]
ERROR = "error_of_the_index"
"""Column with the measured minus the true index."""


class Known(NamedTuple):
    """The truth, and the estimates on true data.

    ``data`` has the true quality and the true index of the panel's firm-years, controls without error, and the panel's
    regions and mediators. ``rows`` holds the rows of ``data``, prepared for regressions. ``scale`` is the value of one
    log point of true quality in units of the standardised outcome. ``oracle`` is the benchmark regression on the true
    data.
    """

    truth: Any
    scale: float
    data: Asked
    rows: Ready
    oracle: FitResult

    @property
    def x(self) -> str:
        """Name of the treatment."""
        return self.data.treatment

    @property
    def terms(self) -> tuple[tuple[str, str], ...]:
        """Terms of the treatment, each with its key in the truth."""
        return (self.x, "linear"), (f"{self.x}^2", "square")


class Answers(NamedTuple):
    """Results of the study that can be compared with the truth."""

    groups: tuple[GroupSplit, ...] = ()
    mediation: tuple[MediationResult, ...] = ()
    instruments: tuple[Instrumented, ...] = ()
    noise: NoiseStudy | None = None


@dataclass(frozen=True)
class Compared:
    """The parameters with their true values and, if the study asks about noise, the regression on the true index.

    ``claims`` maps the code of a verdict's claim to whether the claim is true in the economy.
    """

    parameters: tuple[Truth, ...]
    on_true_index: FitResult | None = None
    claims: Mapping[str, bool] = field(default_factory=dict)


def compare(data: Asked, panel: pl.DataFrame, done: Folders, column: Column, answers: Answers) -> tuple[Truth, ...]:
    """Return truth, oracle and estimate for every parameter of the full benchmark, its groups and its channels.

    The oracle is the same regression on the true quality and the true index of the same firm-years. Coefficients are in
    units of the standardised outcome. So truth and oracle are multiplied by the value of a log point of true quality.
    The economy knows only the effect of the index on quality. For other treatments and outcomes only the two measures
    are compared with their truth.
    """
    if not _is_known(data):
        return tuple(_measures(data, panel, done, answers))
    known = _known(data, panel)
    return (
        *_market(known, column),
        *_controls(known, column),
        *_by_ownership(known, answers),
        *_differences(known, answers),
        *_mediated(known, answers),
        *_instrumented(known, answers),
        *_measures(data, panel, done, answers),
    )


def on_true_index(data: Asked) -> FitResult:
    """Regress measured quality on the true index, which isolates the effect of the noise in the index."""
    x = data.treatment
    true = pl.read_parquet(doors.regular(_folder(data) / "firm_quality.parquet")).select(
        "firm", "year", pl.col("market").alias(x)
    )
    parsed, how = parse_formula(data.formula), _cr3(data)
    columns = [c for c in columns_of(data.sample.columns, parsed, how, also=("firm", "year")) if c != x]
    rows = data.sample.select(columns).join(true, on=["firm", "year"])
    return replace(fit(rows, parsed, how), spreads=())


def _folder(data: Asked) -> Path:
    return data.root / str(data.study.truth)


def _is_known(data: Asked) -> bool:
    """Return whether the regression is of quality on the index. The economy has no truth for other regressions."""
    regression = data.study.regression
    return (regression.treatment, regression.outcome) == ("market", "quality")


def _claims(data: Asked) -> dict[str, bool]:
    """Return, by code, whether claims on quality and the index are true in the economy; empty for other regressions."""
    if not _is_known(data):
        return {}
    truth = json.loads(doors.read_text(_folder(data) / "truth.json"))
    return dict(truth.get("claims", {}))


NEEDED: Mapping[str, tuple[str, ...]] = {
    "market": ("linear", "square", "turning_point", "share_past"),
    "state": ("linear", "square"),
    "controls": (),
}
"""Entries that every economy's truth.json has, with the names of the numbers in each entry."""


def truth_in(folder: Path) -> dict[str, Any]:
    """Read truth.json of an economy. Raises `Unreadable` if it is not valid or lacks a required entry."""
    file = folder / "truth.json"
    with parsing(file, "the truth of an economy", "take the folder that integrade demo writes, or leave truth out"):
        truth: dict[str, Any] = json.loads(doors.read_bytes(file))
        numbers = {"standardised_per_log_point": truth.get("standardised_per_log_point")}
        for name, inner in NEEDED.items():
            entry = truth.get(name)
            numbers |= {f"{name}.{key}": entry.get(key) if isinstance(entry, dict) else None for key in (*inner,)}
            if not isinstance(entry, dict):
                numbers[name] = None
        lacking = [name for name, value in numbers.items() if not isinstance(value, int | float)]
        if lacking:
            raise ValueError(f"it holds no {lacking[0]!r}")
    return truth


def _cr3(data: Asked) -> Fit:
    """Return options with CR3 errors by the study's cluster, or CR1 for two cluster variables."""
    cluster = data.study.regression.cluster or "region"
    return Fit(vcov="CR1" if "+" in cluster else "CR3", cluster=cluster)


def _known(data: Asked, panel: pl.DataFrame) -> Known:
    """Read the truth, join the true data to the panel, and estimate the benchmark on them."""
    folder = _folder(data)
    truth = truth_in(folder)
    true = pl.read_parquet(doors.regular(folder / "firm_quality.parquet")).drop("region")
    rows = true.join(panel.select("firm", "year", pl.exclude(true.columns)), on=["firm", "year"])
    on_true = data._replace(sample=rows, how=_cr3(data), series=None)
    ready_rows = ready(rows)
    oracle = fit(ready_rows, data.formula, on_true.fit)
    return Known(truth, float(truth["standardised_per_log_point"]), on_true, ready_rows, oracle)


def _parameter(
    name: str, truth: float, oracle: Coefficient, estimate: Coefficient, *, scale: float, note: str
) -> Truth:
    """Return one parameter. ``scale`` converts truth and oracle into units of the outcome."""
    ends = (k * scale for k in (oracle.conf_low, oracle.conf_high))
    return Truth(
        name,
        truth * scale,
        oracle.estimate * scale,
        estimate.estimate,
        estimate.conf_low,
        estimate.conf_high,
        note,
        *ends,
    )


def _market(known: Known, column: Column) -> Iterator[Truth]:
    """Yield the treatment's terms; if it has a square, also the move, the turning point and the share past it."""
    market, test = known.truth["market"], column.u_test
    pooled = say("truth.pooled", note=say("truth.attenuated"))
    for term, key in known.terms:
        yield _parameter(term, market[key], known.oracle[term], column.headline[term], scale=known.scale, note=pooled)
    if test is None:
        return
    yield from _moved(known, column, pooled)
    true = u_test(known.oracle, known.x)
    note = say(f"truth.fieller-{test.fieller_kind}")
    yield Truth(
        say("truth.turning-point"),
        market["turning_point"],
        true.turning_point,
        test.turning_point,
        *_fieller(test),
        note,
        *_fieller(true),
    )
    if test.share_past is not None:
        why = say("truth.share-of-firm-years")
        shares = (market["share_past"], true.share_past, test.share_past)
        yield Truth(say("truth.share-past"), *shares, None, None, why)


def _moved(known: Known, column: Column, note: str) -> Iterator[Truth]:
    """Yield the effect that the first page shows: the treatment moves from its 25th to its 75th percentile."""
    sizes = effect_sizes(column.headline, known.x)
    effect = next((e for e in sizes.rows if e.move == "p25 to p75"), None)
    if effect is None:
        return
    steps = {known.x: effect.end - effect.start, f"{known.x}^2": effect.end**2 - effect.start**2}
    true = combination(known.oracle, steps, effect.move)
    economy = sum(known.truth["market"][key] * steps[term] for term, key in known.terms)
    name = say("truth.move", x=column_word(known.x), start=placed(effect.start), end=placed(effect.end))
    low, high = true.conf_low * known.scale, true.conf_high * known.scale
    estimate = (effect.change, effect.conf_low, effect.conf_high)
    yield Truth(name, economy * known.scale, true.estimate * known.scale, *estimate, note, low, high)


def _fieller(test: UTest) -> Ends:
    return (test.fieller_low, test.fieller_high) if test.fieller_kind == "interval" else (None, None)


def _controls(known: Known, column: Column) -> Iterator[Truth]:
    """Yield the effects of the controls that the economy knows and both regressions have."""
    effects = known.truth["controls"]
    for name in known.data.study.regression.controls:
        if name in effects and name not in (*known.oracle.dropped, *column.headline.dropped):
            yield _parameter(
                name,
                effects[name],
                known.oracle[name],
                column.headline[name],
                scale=known.scale,
                note=say("truth.scale"),
            )


def _by_ownership(known: Known, answers: Answers) -> Iterator[Truth]:
    """Yield the treatment's terms in state-owned firms, where the true effect is zero, and in the other firms."""
    section = next((g for g in known.data.study.section("groups") if g.how == "ownership"), None)
    split = next((s for s in answers.groups if s.how == "ownership"), None)
    if section is None or split is None:
        return
    table, by = grouped(known.data.sample, section, where=known.data.geography)
    for group in split.comparison.groups:
        state = group.group == "state"
        values, of = (
            known.truth["state" if state else "market"],
            "truth.of-state-owned" if state else "truth.of-other-firms",
        )
        oracle = fit(_in_group(known.rows, table, by, group.group), known.data.formula, known.data.fit)
        note = say("truth.nothing-here", n=group.fit.nobs) if state else say("truth.attenuated")
        for term, key in known.terms:
            if term in by_term(group.fit) and term in by_term(oracle):
                yield _parameter(
                    say(of, term=column_word(term)),
                    values[key],
                    oracle[term],
                    group.fit[term],
                    scale=known.scale,
                    note=note,
                )


def _in_group(rows: Ready, table: Table, by: str, group: str) -> Ready:
    """Return the rows of a group. ``table`` has the same rows with the column of groups."""
    return rows.on((table.polars()[by] == group).fill_null(False).to_numpy())


def _differences(known: Known, answers: Answers) -> Iterator[Truth]:
    """Yield the first tested difference in curvature of every split by intensity, period or area.

    Its true value is zero.
    """
    square = known.terms[1][0]
    sections = {title_of(g): g for g in known.data.study.section("groups")}
    for split in answers.groups:
        # a stored answer may be older than the study file, which then has no section of this title
        if split.how not in ("intensity", "period", "area") or split.title not in sections:
            continue
        first = next((d for d in split.comparison.differences if d.term == square), None)
        table, by = grouped(
            known.data.sample,
            sections[split.title],
            where=known.data.geography,
            edition=known.data.study.report.industries,
        )
        pair = (first.a, first.b) if first else ()
        fits = [by_term(fit(_in_group(known.rows, table, by, g), known.data.formula)) for g in pair]
        if first and all(square in f for f in fits):
            oracle = (fits[0][square].estimate - fits[1][square].estimate) * known.scale
            pair = (column_word(first.a), column_word(first.b))
            name = say("truth.less", term=column_word(square), first=pair[0], second=pair[1])
            note = say("truth.unequal")
            yield Truth(name, 0.0, oracle, first.estimate, first.conf_low, first.conf_high, note)


def _mediated(known: Known, answers: Answers) -> Iterator[Truth]:
    """Yield the effect of each mediator given the index.

    Also yield the share of the index's effect through the mediator, if the economy has a true share.
    """
    for result in answers.mediation:
        m = result.mediators[0]
        if "effect" not in (known.truth.get(m.name) or {}) or m.name not in known.data.sample.columns:
            continue
        asked = Mediation(treatment=known.x, fit=known.data.fit, draws=result.draws, seed=result.seed)
        try:
            true = mediate(known.rows, known.data.formula, m.name, asked)
        except IntegradeError:
            continue
        truth, oracle = known.truth[m.name], true.mediators[0]
        note = say("truth.schooling" if truth["effect"] else "truth.mediator-does-nothing")
        name = say("truth.effect-of", mediator=column_word(m.name))
        yield _parameter(name, truth["effect"], oracle.b, m.b, scale=known.scale, note=note)
        share, i, o = truth.get("share_of_effect"), _curvature(result, known), _curvature(true, known)
        if share is not None and i is not None and o is not None:
            name, note = say("truth.share-through", mediator=column_word(m.name)), say("truth.schooling")
            yield Truth(name, share, o.share, i.share, i.share_low, i.share_high, note, o.share_low, o.share_high)


def _curvature(result: MediationResult, known: Known) -> Indirect | None:
    """Return the indirect effect of the square; None if the path to the mediator is linear."""
    return next((t for t in result.mediators[0].by_term if t.place == known.terms[1][0]), None)


def _instrumented(known: Known, answers: Answers) -> Iterator[Truth]:
    """Yield the treatment's terms by 2SLS with every instrument.

    The oracle is 2SLS of true quality on the true index, in the firms that integration affects.
    """
    sections = {instruments.title_of(section): section for section in known.data.study.section("instruments")}
    rows = known.data.sample
    acted = rows.filter(pl.col("ownership") != "state") if "ownership" in rows.columns else rows
    for instrument in answers.instruments:
        estimate = instrument.estimates.get("2SLS")
        if estimate is None or instrument.title not in sections:
            continue
        try:
            true = instruments.two_stage(known.data._replace(sample=acted), sections[instrument.title])
        except IntegradeError:
            continue
        for term, key in known.terms:
            # the estimate has the term under the name of the instrumented variable
            coefficient = by_term(estimate).get(term.replace(known.x, instrument.variable, 1))
            if coefficient is not None and term in by_term(true):
                name = say("truth.by-instrument", term=column_word(term), instrument=instrument.title)
                note = say("truth.instrumented")
                yield _parameter(
                    name, known.truth["market"][key], true[term], coefficient, scale=known.scale, note=note
                )


def _measures(data: Asked, panel: pl.DataFrame, done: Folders, answers: Answers) -> list[Truth]:
    """Return how closely the measured index and quality follow the true ones, and how much of the index is noise."""
    study, folder = data.study, _folder(data)
    index = pl.read_parquet(doors.regular(done["integration"] / "integration.parquet"))
    pairs = _one_spelling(index).join(
        _one_spelling(pl.read_parquet(doors.regular(folder / "index.parquet"))), on=["region", "year"]
    )
    within = pairs.with_columns(
        (pl.col(name) - average_of(pl.col(name), ["year"])).alias(name) for name in ("integration", "integration_right")
    )
    quality = pl.read_parquet(doors.regular(folder / "firm_quality.parquet")).select(
        "firm", "year", true_quality="quality"
    )
    firms = panel.select("firm", "year", "quality").join(quality, on=["firm", "year"])
    prices, sigma = done["prices"] / "prices.parquet", study.quality.get("sigma")
    if isinstance(sigma, str) and sigma in ESTIMATED:
        elasticity = say("truth.elasticities-estimated", method=sigma)
    else:
        elasticity = say("truth.elasticity-imposed", sigma=str(sigma))
    goods = pl.read_parquet(doors.regular(prices))["commodity"].n_unique() if by_prices(study) else 0
    return [
        Truth(
            say("truth.index-correlation"),
            1.0,
            None,
            _correlation(within, "integration", "integration_right"),
            None,
            None,
            say("truth.noisy-index", goods=str(goods)) if goods else say("truth.not-of-prices"),
        ),
        *_noise(data, within, done, answers),
        Truth(
            say("truth.quality-correlation"),
            1.0,
            None,
            _correlation(firms.with_columns(pl.col("quality", "true_quality").rank()), "quality", "true_quality"),
            None,
            None,
            say("truth.tastes", elasticity=elasticity),
        ),
    ]


def _noise(data: Asked, within: pl.DataFrame, done: Folders, answers: Answers) -> Iterator[Truth]:
    """Yield the noise shares of the first page: between regions within a year, and net of the regression's effects."""
    note, between = say("truth.noise-shares"), trust_in(done).get("noise_share")
    simex = answers.noise.simex if answers.noise else None
    if between is not None:
        error = pl.col("integration") - pl.col("integration_right")
        squares = within.drop_nulls().select(
            average_of(v**2).alias(n) for n, v in (("u", error), ("x", pl.col("integration")))
        )
        yield Truth(say("truth.noise-between"), squares["u"][0] / squares["x"][0], None, between, None, None, note)
    if simex is not None and simex.noise_share is not None and simex.treatment == "market":
        true = pl.read_parquet(doors.regular(_folder(data) / "firm_quality.parquet")).select(
            "firm", "year", true_index="market"
        )
        rows = data.sample.join(true, on=["firm", "year"], maintain_order="left")
        rows = rows.with_columns((pl.col("market") - pl.col("true_index")).alias(ERROR))
        rows = rows.drop_nulls(list(parse_formula(data.formula).outcome.columns))
        share = noise_net(rows, data.formula, simex.treatment, data.fit)
        yield Truth(say("truth.noise-net"), share, None, simex.noise_share, None, None, note)


def noise_net(rows: pl.DataFrame, formula: str, x: str, how: Fit) -> float:
    """Return the share of measurement error in the variation of an index, net of the effects of a formula.

    Formula: u'Mu / x'Mx over the rows of the regression. u is the measurement error, x the index; M removes the effects
        (not the controls).
    """
    design = prepare(rows, f"{ERROR} ~ {formula.partition('~')[2]}", how)
    square = np.diag(design.gram)
    return float(square[-1] / square[design.names.index(x)])


def _one_spelling(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the integration with provinces under their English names."""
    from integrade.geography import province_of

    def english(name: str) -> str:
        province = province_of(name)
        return province.english if province else name

    return rows.select(pl.col("region").map_elements(english, return_dtype=pl.String), "year", "integration")


def _correlation(rows: pl.DataFrame, a: str, b: str) -> float:
    return float(rows.drop_nulls([a, b]).select(correlation_of(pl.col(a), pl.col(b))).item())


def _entered(results: StudyResults, found: Compared) -> StudyResults:
    """Add the comparison to the results, and the regression on the true index to the estimates of noise."""
    results = replace(results, truth=found.parameters, claims=found.claims)
    if results.noise is None:
        return results
    return replace(results, noise=replace(results.noise, on_true_index=found.on_true_index))


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return the table of the simulated truth."""
    from integrade.report.tables import truth_table

    return [truth_table(results.truth, results.labels)]


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    from integrade.report.document import under
    from integrade.verdicts import headline

    return under(headline.truth(results), made.figure("truth") + made.table(places.TRUTH)) if results.truth else []


@question(
    "truth",
    place=160,
    result=Compared,
    steps=("prices", "index_trust", "integration", "panel", "groups", "mediation", "noise", "instruments"),
    reads=("groups", "instruments"),
    part="doubts",
    section=80,
    tables=tables,
    places=(places.TRUTH,),
    printed=printed,
    enter=_entered,
    seconds=0.7,
)
def beside_the_truth(asked: Asked, _: Any) -> Compared:
    """How do the estimates compare with the truth of a simulated economy?"""
    hints, done = get_type_hints(Answers), asked.done
    answers = Answers(**{n: stored_answer(done[n], hints[n]).found for n in Answers._fields if n in done})
    compared = compare(asked, panel_in(done), done, benchmark_in(done).columns[-1], answers)
    noisy = (
        asked.treatment == "market"
        and "noise" in done
        and stored_answer(done["noise"], NoiseStudy | None).found is not None
    )
    regression = on_true_index(asked) if noisy else None
    return Compared(compared, regression, _claims(asked))
