"""List every choice that an audit changes: options of the study file and samples of rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

import polars as pl

from integrade.engine.frames import Table
from integrade.errors import IntegradeError
from integrade.estimate.formula import parse_formula
from integrade.geography import MUNICIPALITIES, province_of
from integrade.panel.controls import Controls
from integrade.records.catalogue import CATALOGUE, options_of, plain
from integrade.records.presets import of_the_paper
from integrade.study.config import Study
from integrade.study.measures import has_index, has_quality
from integrade.subjects.groups.splits import How, group_column
from integrade.verdicts.mediator_roles import HUMAN_CAPITAL, RESEARCH, role_of

NOT_MOVED = {"level", "se", "basis", "form", "goods_group"}
"""Options that describe the data or the display of a result. Changing them does not give another version of the study.
"""

ABOUT = {
    "without_regions": "31 provinces are listed, 30 are paired",
    "integration.transform": "the paper never states its transform",
    "integration.ddof": "divisor of the variance over goods: unstated",
    "integration.demean": "which common component is removed: unstated",
    "integration.pairs": "all pairs, or neighbours only as in Gui et al. (2006)",
    "integration.goods": "does one good carry the index?",
    "customs.rules": "processing trade, mixed units and extreme prices: no filter is stated",
    "customs.duplicates": "two equal rows may be one record written twice, or two shipments",
    "firms.duplicates": "files of a survey often repeat rows",
    "quality.method": "the paper estimates quality; many papers take unit values",
    "quality.sigma": "imposed or estimated: quality depends on it",
    "quality.effects": "what is compared with what",
    "quality.standardise": "min-max hangs on two extreme firms",
    "quality.pool": "minimum and maximum over what?",
    "quality.weights": "value weights change every year",
    "controls.fic": "the definition cannot be told from the printed range",
    "controls.roa_lag": "described as lagged, with too many observations for it",
    "controls.scale_unit": "thousands are printed, the text has no unit: only the constant changes",
    "education.log": "described in years, printed in logs",
    "winsor.columns": "which variables are cut is not stated",
    "winsor.cuts": "5% in the text, about 1% in the numbers",
    "regression.vcov": "the kind of standard error is never stated",
    "regression.cluster": "the index varies by region and year, not by firm",
    "regression.effects": "the equation has region effects, the tables have none",
    "regression.controls": "one control is described and never used",
    "regression.singletons": "kept by xtreg, dropped by reghdfe",
    "regression.ssc": "packages count parameters differently",
    "sample": "do a period, a kind of region or changing firms carry the result?",
}


@dataclass(frozen=True)
class Move:
    """A change of one choice: a key of the study file and its new value, or the rows of the panel that are kept."""

    key: str
    before: str
    after: str
    value: Any = None
    rows: pl.Expr | None = None
    why_not: str = ""
    """Why the data do not allow the change; empty if they do."""

    @property
    def about(self) -> str:
        """Reason why the choice matters."""
        return ABOUT.get(self.key, "")


def moves(study: Study, panel: pl.DataFrame, paired: Iterable[str] = ()) -> list[Move]:
    """Return every move that the study and its panel allow, in the order of the steps.

    ``paired``: the regions of the index, which may have no firms in the panel.
    """
    every = [
        *_regions(study, panel, paired),
        *(_integration(study) if has_index(study) else ()),
        *_customs(study),
        *_duplicates(study),
        *(_quality(study) if has_quality(study) else ()),
        *(_controls(study) if study.firms is not None else ()),
        *_winsor(study),
    ]
    every += [*_education(study), *_regression(study, panel), *_samples(panel)]
    every += [*_ownership(study, panel), *_intensity(study, panel)]
    return [*every, *(_missing(study, every) if of_the_paper(study.preset) else ())]


OF_THE_PAPER: tuple[tuple[str, str, str], ...] = (
    ("without_regions", "without Tibet", "Tibet is among the regions of neither the panel nor the index"),
    ("quality.standardise", "minmax_trim", "quality is not measured from customs records"),
    ("integration.transform", "inverse", "the index is not computed by the study"),
    ("controls.scale_unit", "accounts", "scale is not computed from accounts"),
    ("controls.roa_lag", "1", "return on assets is not computed from accounts"),
    ("controls.fic", "ln_abs_sa", "the financing constraint is not computed from accounts"),
    ("winsor.cuts", "[5.0, 95.0]", "[winsor] names no column to cut"),
    ("education.log", "false, as a control", "human capital is not computed from shares by education"),
    ("regression.controls", "without age", "age is not among the controls"),
    ("regression.controls", "without rdebt", "rdebt is not among the controls"),
    ("regression.controls", "with invint", "the panel has no column invint"),
    ("regression.controls", "with log(spending on R&D)", "no column is spending on R&D, such as rd_spending"),
    ("regression.controls", "with R&D over output", "no column is R&D over output, such as rd_intensity"),
    ("sample", "state-owned only", "no column of the panel says which firms are state-owned"),
    ("sample", "years to 2007", "the panel has fewer than four years, or none before or after 2007"),
    ("sample", "East only", "the regions of the panel are not all provinces of China"),
    ("sample", "labour-intensive by the paper's lists", "no column of the panel has codes of industries"),
    ("sample", "labour-intensive by capital per worker", "the panel lacks industries, capital or workers"),
)
"""Changes that the paper's contradictions ask for (docs/paper.md, variables): key, new value, why it may be impossible.
"""
SPENDING = re.compile(r"spend|expend|outlay|经费|支出|投入")
"""Names of columns of R&D in money; a convention."""


def kinds_of(move: Move) -> tuple[str, str]:
    """Return the key of a move and its new value in the words of `OF_THE_PAPER`; other values are unchanged."""
    term = move.after.removeprefix("with ")
    if move.key == "regression.controls" and term != move.after and role_of(term) == RESEARCH:
        spent = term.startswith(("log(", "ln(")) or SPENDING.search(term.lower())
        return move.key, "with log(spending on R&D)" if spent else "with R&D over output"
    if move.key == "without_regions" and "Tibet" in move.after:
        return move.key, "without Tibet"
    return move.key, move.after


def _missing(study: Study, every: Sequence[Move]) -> Iterator[Move]:
    """Yield the paper's changes that are neither among the moves nor the study's own choice, with the reason."""
    there = {kinds_of(move) for move in every}
    own = {
        ("without_regions", "without Tibet"): bool(study.without_regions),
        ("quality.standardise", "minmax_trim"): study.quality.get("standardise") == "minmax_trim",
        ("integration.transform", "inverse"): study.integration.get("transform") == "inverse",
        ("controls.scale_unit", "accounts"): study.firms is not None and study.controls.get("scale_unit") != "thousand",
        ("controls.roa_lag", "1"): study.controls.get("roa_lag") == 1,
        ("controls.fic", "ln_abs_sa"): study.controls.get("fic") == "ln_abs_sa",
        ("winsor.cuts", "[5.0, 95.0]"): tuple(study.winsor.cuts) == (5.0, 95.0) and bool(study.winsor.columns),
        ("education.log", "false, as a control"): study.education is not None,
        ("regression.controls", "with invint"): "invint" in study.regression.controls,
    }
    for key, after, why in OF_THE_PAPER:
        if (key, after) not in there and not own.get((key, after)):
            yield Move(key, "", after, why_not=why)


def _education(study: Study) -> Iterator[Move]:
    """Yield the move to human capital in years (or in logs), which then is a control."""
    if study.education is not None and HUMAN_CAPITAL not in study.regression.controls:
        now = study.education.log
        yield Move("education.log", str(now).lower(), f"{str(not now).lower()}, as a control", not now)


def _ownership(study: Study, panel: pl.DataFrame) -> Iterator[Move]:
    """Yield moves to the rows of state-owned firms, and to those of all others."""
    section = next((g for g in study.section("groups") if g.how == "ownership"), None)
    column = section.by if section is not None else "ownership"
    state = {"state": tuple(section.state)} if section is not None and section.state else {}
    groups = {"state": "state-owned only", "non_state": "not state-owned only"}
    yield from _of_groups(panel, "ownership", column, groups, {"ownership": column, **state})


def _intensity(study: Study, panel: pl.DataFrame) -> Iterator[Move]:
    """Yield moves to the rows of one factor intensity, by the paper's lists and by capital per worker."""
    section = next((g for g in study.section("groups") if g.how == "intensity"), None)
    column = section.by if section is not None else "industry"
    named = {"capital": section.capital, "labour": section.labour} if section is not None else {}
    edition = {"edition": study.report.industries} if study.report.industries else {}
    for way, words in (("lists", "by the paper's lists"), ("accounts", "by capital per worker")):
        groups = {f"{kind}_intensive": f"{kind}-intensive {words}" for kind in ("labour", "capital")}
        options = {"intensity_from": way, "industry": column, **named, **edition}
        yield from _of_groups(panel, "intensity", column, groups, options)


def _of_groups(
    panel: pl.DataFrame, how: How, column: str, groups: Mapping[str, str], options: Mapping[str, Any]
) -> Iterator[Move]:
    """Yield moves to the rows of each group, in ``groups`` with its words; none if the panel has no such groups."""
    try:
        split = group_column(Table("panel", panel), how, name="_group", **options).polars()
    except IntegradeError:
        return
    for group, words in groups.items():
        values = split.filter(pl.col("_group") == group)[column].unique().sort()
        yield _rows(words, pl.col(column).is_in(values.to_list()))


def _regions(study: Study, panel: pl.DataFrame, paired: Iterable[str]) -> Iterator[Move]:
    """Yield moves that leave provinces out of the panel and out of the index, where they are among the pairs."""
    if "region" not in panel.columns:
        return
    left_out = list(study.without_regions)
    before = f"without {', '.join(left_out)}" if left_out else "all regions"
    names = sorted({*panel["region"].cast(pl.String).drop_nulls(), *paired})
    known = {r: p.english for r in names if (p := province_of(r))}
    for some in (("Tibet",), MUNICIPALITIES):
        gone = [english for english in known.values() if english in some]
        if gone:
            yield Move("without_regions", before, f"without {', '.join(gone)}", [*left_out, *gone])
    if left_out:
        yield Move("without_regions", before, "all regions", [])


def _literals(options: type, section: str, given: dict[str, Any]) -> Iterator[Move]:
    """Yield a move for every other value of every option that has named choices."""
    for name, option in options_of(options).items():
        hint = plain(option.hint)
        if get_origin(hint) is not Literal or name in NOT_MOVED:
            continue
        now = given.get(name, option.default)
        for choice in get_args(hint):
            if choice != now and choice not in (None, "impute"):
                yield Move(f"{section}.{name}", str(now), str(choice), choice)


def _integration(study: Study) -> Iterator[Move]:
    given = study.integration
    method = CATALOGUE[str(given.get("method", "relative_price"))]
    yield from _literals(method.options, "integration", given)
    if method.name == "relative_price":
        now = given.get("pairs", "all")
        for pairs in ("all", "adjacent", "nearest:5"):
            if pairs != now:
                yield Move("integration.pairs", str(now), pairs, pairs)


def _customs(study: Study) -> Iterator[Move]:
    """Yield moves with one more rule for the customs records, or one rule less."""
    if study.customs is None:
        return
    rules = list(study.customs.rules)
    for rule in ("ordinary", "main_unit", "trim"):
        moved = [r for r in rules if r != rule] if rule in rules else [*rules, rule]
        yield Move("customs.rules", " ".join(rules) or "none", " ".join(moved) or "none", moved)


def _duplicates(study: Study) -> Iterator[Move]:
    """Yield the other treatment of rows that are the same in every column, of customs records and of accounts.

    Accounts that are kept twice are refused, so that only the other direction is a version of the study.
    """
    if study.customs is not None:
        before = study.customs.reading().duplicates
        after = "keep" if before == "drop" else "drop"
        yield Move("customs.duplicates", before, after, after)
    if study.firms is not None and study.firms.reading().duplicates == "drop":
        yield Move("firms.duplicates", "drop", "keep", why_not="a firm and year with two rows of accounts is refused")


def _quality(study: Study) -> Iterator[Move]:
    given = study.quality
    method = CATALOGUE[str(given.get("method", "demand_residual"))]
    yield from _literals(method.options, "quality", given)
    for measure in ("demand_residual", "unit_value"):
        if measure != method.name and (measure == "unit_value" or "sigma" in given):
            names = options_of(CATALOGUE[measure].options)
            shared = {k: v for k, v in given.items() if k in names}  # options that both measures have
            yield Move("quality.method", method.name, measure, {**shared, "method": measure})
    if method.name != "demand_residual":
        return
    sigma = given.get("sigma")
    for choice in (3, 5, 10, "ols", "iv"):
        if choice != sigma:
            yield Move("quality.sigma", str(sigma), str(choice), choice)
    now = given.get("effects", "auto")
    for effects in ("product+destination:year", "product:year+destination:year", "product:destination:year"):
        if effects != now:
            yield Move("quality.effects", str(now), effects, effects)


def _controls(study: Study) -> Iterator[Move]:
    regression = study.regression
    if {"fic", "roa", "scale"} & set(
        parse_formula(" + ".join((f"{regression.outcome} ~ 1", *regression.controls))).numeric_columns
    ):
        kept = {k: v for k, v in study.controls.items() if k in options_of(Controls)}
        yield from (m for m in _literals(Controls, "controls", kept) if m.key != "controls.currency_unit")


def _winsor(study: Study) -> Iterator[Move]:
    now = tuple(study.winsor.cuts)
    for cuts in ((0.0, 100.0), (1.0, 99.0), (2.5, 97.5), (5.0, 95.0)):
        if cuts != now and study.winsor.columns:
            yield Move("winsor.cuts", str(list(now)), "none" if cuts == (0.0, 100.0) else str(list(cuts)), cuts)
    columns = list(study.winsor.columns)
    for column in (study.regression.outcome, study.regression.treatment):
        moved = [c for c in columns if c != column] if column in columns else [*columns, column]
        yield Move("winsor.columns", " ".join(columns) or "none", " ".join(moved) or "none", moved)


def _regression(study: Study, panel: pl.DataFrame) -> Iterator[Move]:
    chosen = study.regression
    for vcov in ("iid", "HC1", "CR1", "CR2", "CR3"):
        if vcov != chosen.vcov:
            yield Move("regression.vcov", chosen.vcov, vcov, vcov)
    for cluster in ("firm", "region", "firm + region"):
        if cluster != chosen.cluster and set(cluster.split(" + ")) <= set(panel.columns):
            yield Move("regression.cluster", str(chosen.cluster), cluster, cluster)
    several = ("cgm", "multi0") if "+" in str(chosen.cluster) else ()
    for ssc in ("reghdfe", "fixest", "xtreg", *several):
        if ssc != chosen.ssc:
            yield Move("regression.ssc", chosen.ssc, ssc, ssc)
    singletons = "keep" if chosen.singletons == "drop" else "drop"
    yield Move("regression.singletons", chosen.singletons, singletons, singletons)
    now = " + ".join(chosen.effects)
    for extra in ("region", "industry", "industry^year"):
        if extra not in chosen.effects and set(extra.split("^")) <= set(panel.columns):
            yield Move("regression.effects", now, f"{now} + {extra}", [*chosen.effects, extra])
    controls_now = list(chosen.controls)
    sets: list[tuple[str, list[str]]] = [("none", [])] if controls_now else []
    sets += [(f"without {c}", [k for k in controls_now if k != c]) for c in controls_now]
    sets += [(f"with {c}", [*controls_now, c]) for c in _further(study, panel) if c not in controls_now]
    for label, controls in sets:
        yield Move("regression.controls", " ".join(controls_now), label, controls)


def _further(study: Study, panel: pl.DataFrame) -> list[str]:
    """Return the terms that may be further controls: inventories, human capital, R&D as a ratio or as log spending."""
    research = [c for c in panel.columns if panel[c].dtype.is_numeric() and role_of(c) == RESEARCH]
    in_money = [c for c in research if SPENDING.search(c.lower()) and bool((panel[c].drop_nulls() > 0).all())]
    mediation = study.section("mediation")
    terms = [
        *(c for c in ("invint", HUMAN_CAPITAL) if c in panel.columns),
        *(c for c in research if not SPENDING.search(c.lower())),
        *(m for m in (mediation.mediators if mediation is not None else ()) if role_of(m) == RESEARCH),
        *(f"log({c})" for c in in_money),
    ]
    once = {parse_formula(f"{study.regression.outcome} ~ {term}").regressors: term for term in reversed(terms)}
    return [term for term in dict.fromkeys(terms) if term in once.values()]  # ln(x) and log(x) are one term


def _samples(panel: pl.DataFrame) -> Iterator[Move]:
    """Yield moves that keep some of the rows: years, firms of every year, and provinces of China."""
    years = sorted(panel["year"].drop_nulls().unique().to_list())
    if len(years) >= 4:  # so that both halves have two years; the cuts are conventions
        cut = 2007 if years[0] < 2007 < years[-1] else years[len(years) // 2 - 1]
        yield _rows(f"years to {cut}", pl.col("year") <= cut)
        yield _rows(f"years from {cut + 1}", pl.col("year") > cut)
        if years[0] < 2010 < years[-1]:
            yield _rows("years to 2010", pl.col("year") <= 2010)
    if "firm" in panel.columns:
        yield _rows("firms with every year", pl.col("year").n_unique().over("firm") == len(years))
    if "region" not in panel.columns:
        return
    regions = panel["region"].cast(pl.String).drop_nulls().unique().sort().to_list()
    known = {r: p for r in regions if (p := province_of(r))}
    if len(known) < len(regions):
        return
    tibet = [r for r, p in known.items() if p.english == "Tibet"]
    cities = [r for r, p in known.items() if p.english in MUNICIPALITIES]
    for label, some in (("without Tibet", tibet), ("without municipalities", cities)):
        if some:
            yield _rows(label, ~pl.col("region").cast(pl.String).is_in(some))
    for group in sorted({p.group for p in known.values()}):
        members = [r for r, p in known.items() if p.group == group]
        yield _rows(f"{group} only", pl.col("region").cast(pl.String).is_in(members))


def _rows(label: str, rows: pl.Expr) -> Move:
    return Move("sample", "all rows", label, rows=rows)
