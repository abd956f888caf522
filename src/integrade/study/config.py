"""Define the keys of study.toml: what a study reads, measures, estimates and prints. Unknown keys are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator

from integrade.errors import IntegradeError, UnknownName, UsageError, did_you_mean
from integrade.estimate.cluster_names import joined_names
from integrade.estimate.formula import parse_formula
from integrade.estimate.linear import FOR_STUDIES, Fit
from integrade.panel.controls import NEEDED_CLASSES, HumanCapital
from integrade.panel.deflate import Deflate
from integrade.panel.ratios import Ratio
from integrade.records.needs import Column, Columns, Effect, File, Holds, Name, Precondition, Term, Test
from integrade.records.presets import Preset, of_the_paper
from integrade.records.question import Question
from integrade.records.schema import INDUSTRIES
from integrade.sources.basis.detection import Declared
from integrade.sources.files.reading import Reading
from integrade.sources.meaning.plain_names import plain_name
from integrade.sources.tables.cleaning import CleanFirms
from integrade.sources.tables.cleaning_customs import CleanCustoms
from integrade.sources.tables.prices import Goods
from integrade.study import preconditions as must
from integrade.study.keys import record_of, with_keys_of
from integrade.study.sections import Curve, Cuts, Draws, Hypothesis, Matching, Numbers, Strict, Where
from integrade.subjects import questions
from integrade.verdicts.table_looks import TableLook


@with_keys_of(Reading)
class Source(Strict):
    """A raw table: its files, the names of its columns in these files, and the rows to leave out."""

    files: list[str]

    def reading(self) -> Reading:
        """Return the reading options that the section states; file names are relative to the folder of the study."""
        return record_of(self, Reading)


@with_keys_of(Goods)
class PriceSource(Source):
    """Price indices; ``to_year`` converts months to years."""

    needs: ClassVar[tuple[Precondition, ...]] = (Holds(must.yearly_prices, "to_year"),)

    to_year: bool = False
    basis: Declared = Field(default="detect", description="what the index column holds: docs/basis.md")

    def goods(self) -> Goods:
        """Return the section's options for goods."""
        return record_of(self, Goods)


@with_keys_of(CleanFirms, "rules", "min_employees", "currency_unit", "absent", defaults={"rules": ()})
class FirmSource(Source):
    """Firm accounts, cleaned by rule sets of the literature."""

    rules: list[Annotated[str, Name(must.rule_sets, "rule set")]]
    min_employees: Annotated[int, Field(ge=0)]
    currency_unit: Literal["yuan", "1000 yuan", "10000 yuan", "million yuan"] | None
    absent: Any
    beside: list[Source] = Field(
        default_factory=list, description="further accounts of the same firms, each joined by firm and year"
    )


@with_keys_of(CleanCustoms, "rules", "keywords", "chapters", "cuts", defaults={"rules": (), "keywords": None})
class CustomsSource(Source):
    """Customs records, cleaned by named rules."""

    needs: ClassVar[tuple[Precondition, ...]] = (Holds(must.firms_of_the_records),)

    rules: list[Annotated[str, Name(must.customs_rules, "rule")]]
    keywords: list[str] | None = Field(
        description="words in a firm's name that make it an intermediary; the usual ones where not given"
    )
    chapters: list[str]
    cuts: Cuts


class PanelSource(Source):
    """An existing panel: one row for each firm (or other unit) and year, under the user's own column names."""


class Covariates(Source):
    """A table by region or industry and year that is joined to the panel."""

    log: bool = Field(default=False, description="the natural logarithm of every column of numbers, under its name")


@with_keys_of(HumanCapital, "log", defaults={"log": True})
class Education(Source):
    """Shares of employed persons by education (h1..h9, per cent) by region and year."""

    needs: ClassVar[tuple[Precondition, ...]] = (Columns(("region", *NEEDED_CLASSES), of="education"),)

    log: bool


@with_keys_of(Deflate, "form", "base", "output_price", "input_price", "output", "inputs")
class Deflators(Source):
    """Prices by year and industry or region: the accounts get ``real_`` columns, in prices of the base year."""

    form: Any
    base: int | None
    needs: ClassVar[tuple[Precondition, ...]] = (
        Holds(must.something_to_deflate, "output"),
        Holds(must.prices_are_there),
    )

    output_price: str
    input_price: str
    output: list[Annotated[str, Column(of="firms", numbers=True, own=True)]]
    inputs: list[Annotated[str, Column(of="firms", numbers=True, own=True)]]


@with_keys_of(Ratio, "by", "digits", "parts")
class RatioSection(Strict):
    """A column of the panel: the ratio of two sums by industry (or region) and year, such as research over output."""

    needs: ClassVar[tuple[Precondition, ...]] = (
        Holds(must.summed_by, "by"),
        Holds(must.numerator_is_there, "numerator"),
        Holds(must.denominator_is_there, "denominator"),
    )

    name: str = Field(description="what the column is called")
    numerator: str = Field(
        description="a column of [[covariates]], [output] or [firms]; output.value where two have it"
    )
    denominator: str = Field(description="a column, as for the numerator")
    by: list[Literal["region", "industry", "year"]]
    digits: Annotated[int, Field(ge=1)] | None
    parts: Any

    def options(self) -> dict[str, Any]:
        """Return the options of `integrade.panel.ratio`."""
        return self.model_dump() | {"by": tuple(self.by)}


class Winsor(Strict):
    """Columns cut at Stata's percentiles before the regression."""

    needs: ClassVar[tuple[Precondition, ...]] = (Holds(must.not_within_itself, "by"),)

    columns: list[Numbers] = Field(default_factory=list)
    cuts: Cuts = (1.0, 99.0)
    by: Annotated[str | None, Column()] = Field(
        default=None, description="column within whose groups the percentiles are taken, as year"
    )
    trim: bool = Field(default=False, description="values beyond the percentiles become missing instead of clipped")


def _cluster(given: Any) -> str | None:
    """Return the cluster variables as one text (`joined_names`). Raises ValueError, which pydantic reports."""
    try:
        return joined_names(given)
    except IntegradeError as problem:
        raise ValueError(problem) from None


ClusterName = Annotated[
    str | None, BeforeValidator(_cluster, json_schema_input_type=str | list[str] | None), Effect(of="panel")
]


def parts_of_formula(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return [regression] with the formula replaced by its keys. Raises `UsageError` or `BadFormula`."""
    others = [key for key in ("outcome", "treatment", "controls", "effects", "square") if key in given]
    if others:
        raise UsageError(
            f"formula cannot be combined with {', '.join(others)}", remedy="write either the formula or the keys"
        )
    read = parse_formula(str(given["formula"]))
    if read.instruments:
        raise UsageError("the benchmark has no instruments", remedy="name them in [[instruments]]")
    names = [term.name for term in read.regressors]
    squared = next((name for name in names if f"{name}^2" in names), None)
    treatment = squared or names[0]
    parts = {
        "outcome": read.outcome.name,
        "treatment": treatment,
        "square": squared is not None,
        "controls": [name for name in names if name not in (treatment, f"{treatment}^2" if squared else treatment)],
        "effects": ["^".join(effect) for effect in read.effects],
    }
    return {key: value for key, value in given.items() if key != "formula"} | parts


@with_keys_of(Fit, "cluster", "vcov", "ssc", "df", "singletons", "wild", "movers_nested", defaults=FOR_STUDIES)
class Regression(Strict):
    """The benchmark regression: outcome on treatment, its square and controls, with fixed effects."""

    needs: ClassVar[tuple[Precondition, ...]] = (
        Columns(("firm", "year")),
        Holds(must.formula_reads),
        Holds(must.covariance_exists, "vcov"),
        Holds(must.hausman_clusters, "hausman"),
    )

    formula: str | None = Field(
        default=None,
        description='in place of outcome, treatment, controls, effects and square: "y ~ x + x^2 + w | firm + year"',
    )
    outcome: Numbers = "quality"
    treatment: Numbers = "market"
    square: bool = Field(default=True, description="the treatment enters with its square")
    controls: list[Annotated[str, Term()]] = Field(default_factory=lambda: ["scale", "age", "roa", "rdebt", "fic"])
    effects: list[Annotated[str, Effect()]] = Field(default_factory=lambda: ["firm", "year"])
    cluster: ClusterName = Field(description='cluster variable, or several for multi-way clusters: ["firm", "year"]')
    vcov: Literal["iid", "HC1", "HC2", "HC3", "CR1", "CR2", "CR3"]
    ssc: Any
    df: Any
    singletons: Any
    wild: Draws
    movers_nested: Annotated[float, Field(ge=0, le=1)]

    @model_validator(mode="before")
    @classmethod
    def _of_the_formula(cls, given: Any) -> Any:
        """Replace a formula by the keys that it stands for."""
        if not isinstance(given, dict) or not isinstance(given.get("formula"), str):
            return given
        try:
            return parts_of_formula(given)
        except IntegradeError as problem:
            raise ValueError(problem) from None

    hausman: Literal["mundlak", "classical", "sigmamore", "sigmaless", "stata", "none"] = Field(
        default="mundlak",
        description="fixed against random effects: robust to clusters, or a classical form; stata (as published): "
        "hausman after xtreg, with dummies; Table 4a also has it without dummies",
    )
    evidence: Literal["own", "clusters"] = Field(
        default="own",
        description="errors behind verdicts and sentences: those of vcov (own); or CR3 by region where vcov ignores "
        "clusters (clusters, as in preset published, whose Tables 4 to 11 print the errors of vcov)",
    )


def terms_of(chosen: Regression) -> list[str]:
    """Return the terms of the treatment: the treatment, and its square if the regression has one."""
    return [chosen.treatment, *([f"{chosen.treatment}^2"] if chosen.square else [])]


class Report(Strict):
    """The content and the formats of the report."""

    formats: tuple[Literal["html", "docx", "pdf", "tex", "md"], ...] = ("html", "docx", "pdf", "tex", "md")
    language: Literal["en", "zh"] = Field(default="en", description="the language of everything that integrade writes")
    shape: Literal["brief", "paper", "full"] = Field(
        default="paper",
        description="what Word, PDF, LaTeX and Markdown print: one page, a paper, or a paper with appendices",
    )
    author: str = Field(default="", description="printed below the title")
    date: str = Field(default="", description="printed below the title; by default that of SOURCE_DATE_EPOCH, or none")
    abstract: str = Field(default="", description="printed below the title; by default composed from the results")
    layout: Literal["paper", "full"] = Field(
        default="paper",
        description="of regression tables in Word, PDF and LaTeX: what a journal prints with the rest in an appendix, "
        "or every row; the page has every row",
    )
    labels: dict[str, str] = Field(
        default_factory=dict, description="what columns, groups, goods and codes of industries are called"
    )
    industries: Literal["GB/T 4754-2002", "GB/T 4754-2011", "GB/T 4754-2017"] | None = Field(
        default=None, description="the classification of two-digit codes of industries: they are printed by name"
    )

    @property
    def called(self) -> dict[str, str]:
        """Return the labels, and under the key `schema.INDUSTRIES` the classification of industries if one is given."""
        return self.labels | ({INDUSTRIES: self.industries} if self.industries else {})


@with_keys_of(TableLook)
class OneTable(Strict):
    """The look of one table, by its number in the report: [tables.4], [tables.A1]."""

    digits: Annotated[int | None, Field(ge=0, le=12)]
    scale: dict[str, Annotated[float, Field(gt=0)]]


@with_keys_of(TableLook, "statistic", "digits", "scale")
class Tables(Strict):
    """The look of all tables, and of single ones in [tables.4], [tables.A1]."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, OneTable]
    single: ClassVar[type[BaseModel]] = OneTable

    digits: Annotated[int | None, Field(ge=0, le=12)]
    scale: dict[str, Annotated[float, Field(gt=0)]]

    @model_validator(mode="before")
    @classmethod
    def _by_number(cls, given: Any) -> Any:
        """Refuse a key that is neither an option nor the number of a table."""
        for name in given if isinstance(given, dict) else ():
            if name not in cls.model_fields and not NUMBER.fullmatch(name):
                raise ValueError(
                    UnknownName(
                        f"unknown key {name!r}; a single table is named by its number, [tables.4]",
                        remedy=did_you_mean(name, cls.model_fields),
                    )
                )
        return given

    @property
    def looks(self) -> dict[str, TableLook]:
        """Return the look of each table by its number, and under "" that of all tables."""
        single = {number: record_of(one, TableLook) for number, one in (self.model_extra or {}).items()}
        return {"": record_of(self, TableLook), **single}


NUMBER = re.compile(r"[A-Z]{0,2}\d+[a-z]?")
"""The number of a table in a report."""


class Study(Strict):
    """A whole study file."""

    title: str
    preset: Preset = "sound"
    plugins: list[Annotated[str, File(), Test(must.python_file)]] = Field(
        default_factory=list, description="own .py files with measures and hypotheses; they run only with --plugins"
    )
    without_regions: list[str] = Field(
        default_factory=list,
        description="regions left out of the index and the panel, in any script; quality is measured on all records",
    )
    geography: Where | None = None
    prices: PriceSource | None = None
    flows: Source | None = Field(default=None, description="trade between regions, for measures that need it")
    output: Source | None = Field(default=None, description="output by region and industry, for measures that need it")
    gdp: Source | None = Field(default=None, description="real GDP by region, for measures that need it")
    survey: Source | None = Field(default=None, description="answers to a survey, for measures that need them")
    customs: CustomsSource | None = None
    firms: FirmSource | None = None
    panel: PanelSource | None = Field(
        default=None, description="a panel that exists already; [regression] names its columns, or has a formula"
    )
    identity: dict[str, Any] | None = Field(
        default=None, description="follow firms over time: options of firm_identity, all optional"
    )
    exporters: Source | None = Field(
        default=None, description="names, postcodes and telephones of the customs firms, to be matched to the accounts"
    )
    matching: Matching | None = None
    links: Source | None = Field(default=None, description="customs_firm, firm, year: links that were made elsewhere")
    covariates: list[Covariates] = Field(default_factory=list)
    ratios: tuple[RatioSection, ...] = Field(default=(), description="[[ratios]]: a sum over another, as a column")
    education: Education | None = None
    deflators: Deflators | None = None
    tfp: dict[str, Any] | None = Field(
        default=None, description="total factor productivity, the column ln_tfp: options of tfp, all optional"
    )
    integration: dict[str, Any] = Field(default_factory=dict, description="method, and the options of that measure")
    quality: dict[str, Any] = Field(default_factory=dict, description="method, and the options of that measure")
    controls: dict[str, Any] = Field(default_factory=dict)
    winsor: Winsor = Field(default_factory=Winsor)
    regression: Regression = Field(default_factory=lambda: Regression.model_validate({}))
    curve: Curve | None = None
    hypotheses: tuple[Hypothesis, ...] = Field(default=(), description="your own claims, each with its rule")
    report: Report = Field(default_factory=Report)
    tables: Tables = Field(
        default_factory=lambda: Tables.model_validate({}), description="rows, order, labels, digits of printed tables"
    )
    truth: Annotated[str | None, File(folder=True)] = Field(
        default=None, description="folder with the known truth of a simulated economy"
    )

    @model_validator(mode="before")
    @classmethod
    def _one_basis(cls, given: Any) -> Any:
        """Copy the basis of the prices from [integration] to [prices], so that the reader of prices uses it."""
        if not isinstance(given, dict):
            return given
        prices, integration = given.get("prices"), given.get("integration")
        if not (isinstance(prices, dict) and isinstance(integration, dict)):
            return given
        basis = integration.get("basis")
        return given if basis not in get_args(Declared) else {**given, "prices": {"basis": basis, **prices}}

    def section(self, name: str) -> Any:
        """Return the options of a question's section: a tuple if it may occur more than once, None if it is absent.

        Sections with ``run = false`` are left out.
        """
        section = getattr(self, name, None)
        if isinstance(section, tuple):
            return tuple(item for item in section if getattr(item, "run", True))
        return section if getattr(section, "run", True) else None


def study_model() -> type[Study]:
    """Return `Study` with the sections of all registered questions."""
    return _with_sections(questions())


@cache
def _with_sections(asked: tuple[Question, ...]) -> type[Study]:
    fields: dict[str, Any] = {}
    for one in asked:
        if one.options is None:
            continue
        if one.several:
            kind = Annotated[tuple[one.options, ...], BeforeValidator(partial(_listed, one))]  # type: ignore[name-defined]
            about = f"[{one.name}], or [[{one.name}]] for several: {one.about}"
            fields[one.name] = kind, Field(default=(), description=about)
        else:
            fields[one.name] = one.options | None, Field(default=None, description=one.about)
    return create_model("Study", __base__=Study, __doc__=Study.__doc__, **fields)


def _listed(one: Question, value: Any) -> Any:
    """Return the value as a list of sections; the question may convert a value that is not a section."""
    given = value if isinstance(value, (list, tuple)) else [value]
    return [one.read(v) if one.read is not None else v for v in given]


PUBLISHED: dict[str, dict[str, Any]] = {
    "quality": {"standardise": "minmax"},
    "controls": {"scale_unit": "thousand"},
    "regression": {
        "vcov": "iid",
        "cluster": None,
        "ssc": "xtreg",
        "singletons": "keep",
        "wild": 0,
        "movers_nested": 0.0,
        "hausman": "stata",
        "evidence": "clusters",
    },
    "winsor": {"cuts": (1.0, 99.0)},
}
"""Defaults of the ``published`` preset that differ from ``sound`` (DESIGN 5); a key in study.toml overrides them."""

EQUATION_3 = {"sigma": "ols", "effects": "product:destination:year"}
"""Options of the demand residual for the paper's equation (3).

It regresses ln q on ln p for each product, with a dummy for every destination and year.
"""

PRESETS = get_args(Preset)
DEMAND = "demand_residual"


def with_preset(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the study file with the defaults of its preset, and with one value for each key.

    Questions that verdicts need get their usual options if the file lacks their section.

    Under the preset ``complete``, the study has the defaults of ``published``. Questions that the paper
    announces are asked with their usual options if the file lacks their section.

    A key in a section of `PUBLISHED` may have a value for each preset, such as ``sigma = { sound = 5, published = "ols"
    }``. Only the value for the preset of the study is kept; ``complete`` uses the value for ``published`` if it has
    none of its own. Without such a value, the key counts as not given.
    """
    preset = raw["preset"] if raw.get("preset") in PRESETS else "sound"
    if "panel" in raw:
        raw = {**raw, "regression": _of_own_panel(raw.get("regression", {}))}
    raw = {name: _of_preset(value, preset) if name in PUBLISHED else value for name, value in raw.items()}
    usual = {q.name: q.usual(raw) for q in questions() if q.usual is not None and q.name not in raw}
    raw = raw | {name: dict(options) for name, options in usual.items() if options is not None}
    if not of_the_paper(preset):
        return raw
    announced = [q for q in questions() if q.complete is not None] if preset == "complete" else []
    added = {q.name: q.complete(raw) for q in announced if q.complete is not None and q.name not in raw}
    doubts = {
        q.name: _below(raw[q.name], dict(q.published))
        for q in questions()
        if q.published and q.name in raw and q not in announced
    }
    computed = [name for name in PUBLISHED if name != "controls" or "firms" in raw]  # a panel has its controls
    benchmark = {name: _below(raw.get(name, {}), _published(name, raw)) for name in computed}
    return {**raw, **benchmark, **doubts, **{name: options for name, options in added.items() if options is not None}}


def _of_own_panel(regression: Any) -> Any:
    """Return [regression] for an existing panel: headings turned into names, and no controls by default."""
    if not isinstance(regression, dict):
        return regression
    if isinstance(regression.get("formula"), str):
        formula = re.sub("`([^`]+)`", lambda quoted: plain_name(quoted[1]), regression["formula"])
        return {**regression, "formula": formula} | _plain(regression, ("cluster",))
    return {"controls": [], **regression} | _plain(
        regression, ("outcome", "treatment", "controls", "effects", "cluster")
    )


def _plain(section: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Return keys of a section with headings turned into column names; terms of a formula stay unchanged."""
    names: dict[str, Any] = {}
    for key in keys:
        value = section.get(key)
        if isinstance(value, str):
            names[key] = _name_of(value)
        elif isinstance(value, list):
            names[key] = [_name_of(item) if isinstance(item, str) else item for item in value]
    return names


def _name_of(text: str) -> str:
    try:
        parse_formula(f"{text} ~ 1 | {text}" if "^" in text else f"{text} ~ 1")
    except IntegradeError:
        return plain_name(text)
    return text


def _of_preset(section: Any, preset: str) -> Any:
    """Return a section in which a value for each preset is replaced by the value for ``preset``."""
    if not isinstance(section, dict):
        return section
    by_preset = {k for k, v in section.items() if isinstance(v, dict) and v and set(v) <= set(PRESETS)}
    named = (preset, *(("published",) if preset == "complete" else ()))
    values = {k: next((v[name] for name in named if name in v), None) for k, v in section.items() if k in by_preset}
    kept = {k: v for k, v in section.items() if k not in by_preset or any(name in v for name in named)}
    return {k: values[k] if k in by_preset else v for k, v in kept.items()}


def _published(name: str, raw: dict[str, Any]) -> dict[str, Any]:
    """Return the ``published`` defaults of a section.

    Equation (3) applies only if quality is the demand residual. The winsorised column is the outcome of the study.
    """
    given = raw.get(name)
    if name == "quality" and isinstance(given, dict | None) and (given or {}).get("method", DEMAND) == DEMAND:
        return {**PUBLISHED[name], **EQUATION_3}
    if name == "winsor":
        regression = raw.get("regression")
        return {**PUBLISHED[name], "columns": [_outcome_of(regression if isinstance(regression, dict) else {})]}
    return PUBLISHED[name]


def _outcome_of(regression: Mapping[str, Any]) -> Any:
    """Return the outcome that a regression names by a key or in its formula; quality by default."""
    formula = regression.get("formula")
    if isinstance(formula, str) and "~" in formula:
        return formula.partition("~")[0].strip()
    return regression.get("outcome", "quality")


def _below(given: Any, defaults: dict[str, Any]) -> Any:
    """Return a section, or each section of a list, with defaults for missing keys; other values are unchanged."""
    if isinstance(given, list):
        return [_below(item, defaults) for item in given]
    return {**defaults, **given} if isinstance(given, dict) else given
