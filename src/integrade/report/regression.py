"""Build the regression table: coefficients with stars and standard errors below, then effects, inference and tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any, Literal, get_args

from integrade.errors import UnknownName, UsageError, did_you_mean
from integrade.estimate.hausman import Hausman
from integrade.estimate.inverted_u import UTest
from integrade.estimate.results import Coefficient, FitResult, by_term
from integrade.report.layouts import BELOW, LayoutName, alone
from integrade.report.printed import PrintedTable, sentence, stars_note
from integrade.report.rows import Origin, Row, Tested
from integrade.subjects.benchmark.columns import Column
from integrade.verdicts.bundle import treatment_terms
from integrade.verdicts.naming import (
    dimension_word,
    fieller_text,
    inference_key,
    inference_name,
    label_of,
    prose_of,
    sign_of_square,
)
from integrade.verdicts.table_looks import Statistic
from integrade.wording.numerals import between, decimals, fixed, p_text, percent, placed, rounded, stars
from plainwords.texts import Said, listed, say


@dataclass(frozen=True)
class Layout:
    """The look of a regression table: number in parentheses, decimals, names of squares, t under other standard errors.

    Parameters
    ----------
    below
        The number below a coefficient: se (standard error), t, p or interval (95% confidence interval).
    digits
        The least decimals of a coefficient and its standard error. A row has more if its smallest standard error would
        otherwise have fewer than two significant digits, and fewer if its largest number would have more than six
        (`integrade.wording.numerals.decimals`).
    digits_below
        Decimals of t.
    square
        A pattern for squares in which ``{0}`` is the label of the variable; ``Market²`` if not given.
    beside
        Add rows with inference under the other standard errors.
    rows
        paper (the rows that a journal prints) or full (all rows). If not given, LaTeX and Word files have the rows of
        paper, other formats all rows.
    """

    below: Statistic = "se"
    digits: int = 4
    digits_below: int = 2
    square: str = ""
    beside: bool = True
    rows: LayoutName | None = None


def regression_table(
    columns: Mapping[str, FitResult | Column],
    *,
    labels: Mapping[str, str] | None = None,
    stats: Sequence[str] | None = None,
    title: str = "",
    layout: Layout | LayoutName | None = None,
    number: str = "",
) -> PrintedTable:
    """Build a table of fits side by side in the form of the paper's Table 4, with inference and tests below.

    Args:
        columns: heading -> `FitResult`, or `Column` with the same fit under other covariances and its U-test.
        labels: term or effect -> the text to print.
        stats: the rows below the coefficients, in this order; all that apply if not given.
        title: the title of the table; made from the outcomes if not given.
        layout: ``"paper"`` for the rows that a journal prints, ``"full"`` for every row, or a `Layout`, which also sets
            decimals and the number in parentheses. If not given, LaTeX and Word files have the rows of ``"paper"``.
        number: the table's number in a document, for example ``"4"`` for the benchmark of a study; none if not given.

    Raises `UsageError` without columns, `UnknownName` for an unknown statistic or layout.

    Example:
        >>> regression_table({"(1)": base}).save("table4.docx")  # doctest: +SKIP
    """
    if not columns:
        raise UsageError(
            "a regression table needs at least one column",
            example='regression_table({"(1)": base})',
            remedy="give a heading and a fit for each column",
        )
    layout = Layout(rows=layout) if isinstance(layout, str) else layout or Layout()
    if layout.rows is not None and layout.rows not in get_args(LayoutName):
        raise UnknownName(f"no layout {layout.rows!r}", remedy=did_you_mean(layout.rows, get_args(LayoutName)))
    labels = labels or {}
    named = [c if isinstance(c, Column) else Column(name, c) for name, c in columns.items()]
    known = [*STATS, *PANELS]
    chosen = known if stats is None else list(stats)
    for name in chosen:
        if name not in known:
            raise UnknownName(f"no statistic {name!r}", remedy=did_you_mean(name, known))
    fits = [c.headline for c in named]
    terms = list(dict.fromkeys(k.term for fit in fits for k in fit.coefficients))
    rows = [
        *term_rows(terms, [by_term(fit) for fit in fits], labels, layout),
        *constant_rows(fits, layout),
        *(row for name in chosen if name in STATS for row in drop_empty(STATS[name](named, labels))),
        *_shape_rows(named, labels, layout, chosen),
        *(_rows_of_other_errors(named, labels, layout) if layout.beside else []),
    ]
    outcomes = [label_of(fit.outcome, labels) for fit in fits]
    head = tuple(
        say("regression.head", name=name, outcome=outcome) for name, outcome in zip(columns, outcomes, strict=True)
    )
    kind = "regression.title" if number else "regression.title-without-number"
    named_in_title = dict.fromkeys(prose_of(fit.outcome, labels) for fit in fits)
    title = title or say(kind, outcomes=listed(list(named_in_title), "comma"))
    origins = tuple(Origin(fit=fit) for fit in fits)
    notes = tuple(_notes(named, labels, layout))
    table = PrintedTable(number, title, ("", *head), tuple(rows), notes, origins=origins)
    return alone(table) if layout.rows == "paper" else replace(table, layout=layout.rows or "")


def term_rows(
    terms: Sequence[str],
    columns: Sequence[Mapping[str, Coefficient]],
    labels: Mapping[str, str],
    layout: Layout,
    digits: Sequence[int] | None = None,
) -> list[Row]:
    """Return two rows per term: estimates with stars, and below them the number in parentheses.

    A cell is blank if its column lacks the term. ``digits`` are the decimals of each column (`decimals_by_column`);
    otherwise the numbers of a term share their decimals.
    """
    return [
        row
        for term in terms
        for row in tested_rows(
            [c.get(term) for c in columns], label_of(term, labels, layout.square), term, layout, digits
        )
    ]


def decimals_by_column(terms: Sequence[str], columns: Sequence[Mapping[str, Coefficient]], layout: Layout) -> list[int]:
    """Return the decimals that ``terms`` need in each column, for a table whose columns have different outcomes."""
    return [decimals_of([c[t] for t in terms if t in c], layout) for c in columns]


def decimals_of(estimates: Sequence[Tested], layout: Layout) -> int:
    """Return the decimals that these estimates share, by their standard errors."""
    return decimals((k.estimate for k in estimates), (k.std_error for k in estimates), layout.digits)


def _digits_that_show(k: Tested | None, digits: int, layout: Layout) -> int:
    """Return ``digits``, or more decimals if the standard error of the estimate would print as zero."""
    return decimals_of([k], layout) if k and 0 < k.std_error < 0.5 * 10.0**-digits else digits


def tested_rows(
    tested: Sequence[Tested | None], label: str, key: str, layout: Layout, digits: Sequence[int] | None
) -> list[Row]:
    """Return two rows: estimates with stars, and below them the number in parentheses.

    A cell is blank if its column has no estimate. ``digits`` are the decimals of each column; a column gets more if its
    standard error would print as zero. Without ``digits``, all columns have the decimals of the column that needs most.
    """
    known = [k for k in tested if k]
    columns = zip(tested, digits or [decimals_of(known, layout)] * len(tested), strict=True)
    shown = [_digits_that_show(k, decimals_asked, layout) for k, decimals_asked in columns]
    return printed_rows(tested, label, key, shown, layout.below, layout.digits_below)


def printed_rows(
    tested: Sequence[Tested | None], label: str, key: str, digits: Sequence[int], below: Statistic, of_t: int = 2
) -> list[Row]:
    """Return two rows with exactly these decimals: estimates with stars, and the number below them.

    ``of_t`` are the decimals of t.
    """
    numbers = list(zip(tested, digits, strict=True))
    cells: dict[Statistic, tuple[str, ...]] = {
        "se": tuple(_in_parentheses(rounded(k.std_error, places)) if k else "" for k, places in numbers),
        "t": tuple(_in_parentheses(rounded(k.statistic, of_t)) if k else "" for k in tested),
        "p": tuple(_in_parentheses(p_text(k.p_value)) if k else "" for k in tested),
        "interval": tuple(
            between(partial(rounded, digits=places), k.conf_low, k.conf_high) if k else "" for k, places in numbers
        ),
    }
    estimates = (rounded(k.estimate, places) + stars(k.p_value) if k else "" for k, places in numbers)
    rows = [
        Row("coefficient", (label, *estimates), key, numbers=tuple(tested)),
        Row("statistic", ("", *cells[below]), f"{key}.{below}", below=cells),
    ]
    return rows if any(cells["t"]) else rows[:1]


def _in_parentheses(text: str) -> str:
    return f"({text})" if text else ""


def constant_rows(fits: Sequence[FitResult], layout: Layout, digits: Sequence[int] | None = None) -> list[Row]:
    """Return the constants, with the number in parentheses below if a constant has a standard error."""
    constants = [_constant(f) for f in fits]
    return tested_rows(constants, say("regression.constant"), "constant", layout, digits) if any(constants) else []


def _constant(fit: FitResult) -> Coefficient | None:
    if not fit.constant:
        return None
    estimate, error = fit.constant[0], fit.constant[1] or math.nan
    p = math.nan if fit.constant_p is None else fit.constant_p
    return Coefficient("constant", estimate, error, estimate / error, p, math.nan, math.nan)


def stat_rows(fits: Sequence[FitResult], labels: Mapping[str, str], names: Sequence[str]) -> list[Row]:
    """Return the rows of `STATS` with these names, without rows that are empty."""
    columns = [Column("", f) for f in fits]
    return [row for name in names for row in drop_empty(STATS[name](columns, labels))]


Maker = Callable[[Sequence[Column], Mapping[str, str]], list[Row]]


def _each(label: str, kind: Literal["count", "test"], of: Callable[[Column], str], key: str) -> Maker:
    return lambda columns, _: [Row(kind, (say(label), *(of(c) for c in columns)), key)]


def _r_squared(c: Column) -> str:
    return fixed(c.headline.r2_within_xtreg if c.headline.ssc == "xtreg" else c.headline.r2)


def _effects(columns: Sequence[Column], labels: Mapping[str, str]) -> list[Row]:
    names = dict.fromkeys(e.name for c in columns for e in c.headline.effects)
    has = [{e.name for e in c.headline.effects} for c in columns]
    return [
        Row(
            "fixed_effect",
            (
                say("regression.effects", effect=_effect_label(n, labels)),
                *(say("regression.yes" if n in h else "regression.no") for h in has),
            ),
            f"{n}_fe",
        )
        for n in names
    ]


def _effect_label(name: str, labels: Mapping[str, str]) -> str:
    """Return the label of an effect; without a label of its own, ``region^year`` is the labels of its parts crossed."""
    words = []
    for part in name.split("^"):
        word = say(EFFECTS[part]) if part in EFFECTS else part.replace("_", " ").capitalize()
        words.append(labels.get(part, word))
    return labels.get(name, reduce(lambda one, other: say("regression.crossed", one=one, other=other), words))


EFFECTS = {
    "firm": "regression.effect-firm",
    "year": "regression.effect-year",
    "region": "regression.effect-region",
    "industry": "regression.effect-industry",
    "product": "regression.effect-product",
    "destination": "regression.effect-destination",
    "group": "regression.effect-group",
    "province": "regression.effect-province",
}


def _hausman_notes(columns: Sequence[Column]) -> list[str]:
    """Return one note per form of the Hausman test, with its degrees of freedom.

    If the forms differ, each note names its columns. Columns that differ only in the range of a number share a note
    with the whole range. If the test uses more rows than the regression, the note has their number.
    """
    forms: dict[tuple[str, object, int | None], list[tuple[int, Hausman]]] = {}
    tests = [(n, c, test) for n, c in enumerate(columns, start=1) for test in (c.hausman, *c.hausman_beside)]
    for number, column, test in tests:
        if test is not None:
            form = (test.method, _without_range(test.note), test.nobs if test.nobs > column.headline.nobs else None)
            forms.setdefault(form, []).append((number, test))
    notes = list[str]()
    for (method, _, more), found in forms.items():
        name = method.replace("_", "-")
        note = _over_columns([test.note for _, test in found])
        sentences: list[str] = [say("regression.hausman", method=say(f"regression.hausman-{name}"))]
        sentences += [sentence(note)] if note else []
        sentences += [say("regression.hausman-rows", n=more)] if more is not None else []
        numbers = [str(number) for number, _ in found] if len(found) < len(columns) else []
        notes.append(_of_columns(listed(sentences, "sentences"), numbers))
    return notes


RANGE = {"low": min, "high": max}
"""The ends of a range in a note, and how the ends of several columns are combined."""


def _without_range(note: object) -> object:
    """Return what a note says, without the ends of a range: equal for notes that differ in nothing else."""
    if not isinstance(note, Said):
        return note
    return note.key, tuple((k, _without_range(v)) for k, v in note.given.items() if k not in RANGE)


def _over_columns(notes: Sequence[Any]) -> Any:
    """Return one note for notes that differ at most in a range; its range covers theirs."""
    first = notes[0]
    if not isinstance(first, Said):
        return first
    given = {
        k: RANGE[k]((note.given[k] for note in notes), key=float)
        if k in RANGE
        else _over_columns([note.given[k] for note in notes])
        for k in first.given
    }
    return say(first.key, **given)


def _fit_notes(columns: Sequence[Column]) -> list[str]:
    """Return the notes of the fits, each once; a note that does not apply to every column names its columns."""
    columns_of: dict[str, list[str]] = {}
    for number, column in enumerate(columns, start=1):
        for note in dict.fromkeys(column.headline.notes):
            columns_of.setdefault(note, []).append(str(number))
    return [
        _of_columns(sentence(note), numbers if len(numbers) < len(columns) else [])
        for note, numbers in columns_of.items()
    ]


def _of_columns(note: str, numbers: Sequence[str]) -> str:
    """Return a note, preceded by its columns if these are given."""
    if not numbers:
        return note
    return listed([say("regression.of-columns", n=len(numbers), columns=listed(numbers, "and")), note], "sentences")


def _hausman(c: Column) -> str:
    return "" if c.hausman is None else _p_of(c.hausman)


def _p_of(test: Hausman) -> str:
    return p_text(test.p_value) if test.valid else say("regression.not-valid")


def _hausman_rows(columns: Sequence[Column], _: Mapping[str, str]) -> list[Row]:
    """Return a row with the p-values of the Hausman test, and one for each further form of it."""
    rows = [Row("test", (say("regression.hausman-p"), *map(_hausman, columns)), "hausman")]
    methods = dict.fromkeys(test.method for c in columns for test in c.hausman_beside)
    for method in methods:
        cells = (next((_p_of(t) for t in c.hausman_beside if t.method == method), "") for c in columns)
        name = say("regression.hausman-p-of", method=say(f"regression.hausman-{method.replace('_', '-')}"))
        rows.append(Row("test", (name, *cells), f"hausman.{method}"))
    return rows if any(c.hausman for c in columns) else []


def _clusters(columns: Sequence[Column], _: Mapping[str, str]) -> list[Row]:
    """Return a row for each cluster variable with its number of clusters; one row with "none" without clusters."""
    names = list(dict.fromkeys(name for c in columns for name in c.headline.clusters))
    none, clusters = say("regression.no-clusters"), [c.headline.clusters for c in columns]
    if not names:
        return [Row("test", (say("regression.clusters"), *(none for _ in columns)), "clusters")]
    return [
        Row(
            "test",
            (
                say("regression.clusters-by", name=dimension_word(name)),
                *(f"{counts[name]:,}" if name in counts else none for counts in clusters),
            ),
            "clusters" if len(names) == 1 else f"clusters.{name}",
        )
        for name in names
    ]


STATS: dict[str, Maker] = {
    "observations": _each("printed.observations", "count", lambda c: f"{c.headline.nobs:,}", "N"),
    "r2": _each("regression.r2", "count", _r_squared, "R2"),
    "r2_within": _each("regression.r2-within", "count", lambda c: fixed(c.headline.r2_within), "R2_within"),
    "effects": _effects,
    "hausman": _hausman_rows,
    "vcov": _each("regression.standard-errors", "test", lambda c: c.headline.kind, "vcov"),
    "clusters": _clusters,
    "df": _each("regression.df", "test", lambda c: f"{c.headline.df_t:,.0f}", "df"),
    "ssc": _each("regression.small-sample-rule", "test", lambda c: c.headline.ssc, "ssc"),
    "singletons": _each("regression.singletons", "count", lambda c: f"{c.headline.n_singletons:,}", "singletons"),
}
"""Name of a row that can follow directly below the coefficients -> the function that makes it."""

PANELS = ("shape", "wild")
"""The rows of the panel below the rows of `STATS`: turning point with U-test, and wild bootstrap p-values."""


def drop_empty(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that have at least one value."""
    return [row for row in rows if any(row.cells[1:])]


def _shape_rows(
    columns: Sequence[Column], labels: Mapping[str, str], layout: Layout, chosen: Sequence[str]
) -> list[Row]:
    rows: list[Row] = []
    if "shape" in chosen:
        tests = [c.u_test for c in columns]
        for key, label, text in SHAPE:
            rows.append(Row("test", (say(label), *("" if test is None else text(test) for test in tests)), key))
    if "wild" in chosen:
        nulls = dict[str, None]()  # null hypotheses on terms of the treatment only
        for column in columns:
            terms = set(treatment_terms(column))
            nulls |= dict.fromkeys(w.null for w in column.headline.wild if set(_parts(w.null)) <= terms)
        for null in nulls:
            wilds = [next((w for w in c.headline.wild if w.null == null), None) for c in columns]
            name = listed([label_of(part, labels, layout.square) for part in _parts(null)], "and")
            cells = ("" if wild is None else p_text(wild.p_value) for wild in wilds)
            rows.append(Row("test", (say("regression.wild-p", null=name), *cells), f"{null.replace(' ', '')}.wild"))
    rows = drop_empty(rows)
    tested = dict.fromkeys(prose_of(c.u_test.variable, labels) for c in columns if c.u_test)
    heading = (
        say("printed.shape-of-curve", name=listed(list(tested), "comma")) if tested else say("regression.few-clusters")
    )
    return [Row("panel", (heading,)), *rows] if rows else []


SHAPE: tuple[tuple[str, str, Callable[[UTest], str]], ...] = (
    ("shape", "regression.sign-of-square", sign_of_square),
    ("turning_point", "printed.turning-point", lambda t: placed(t.turning_point)),
    ("fieller", "printed.fieller", fieller_text),
    ("u_test", "printed.u-test", lambda t: p_text(t.p_value)),
    ("share_past", "regression.share-past", lambda t: percent(t.share_past)),
)


def _parts(null: str) -> list[str]:
    """Return the terms of a null hypothesis; ``market + market^2`` is that both are zero."""
    return [part.strip() for part in null.split("+")]


def _rows_of_other_errors(columns: Sequence[Column], labels: Mapping[str, str], layout: Layout) -> list[Row]:
    """Return rows with the treatment's t under every other covariance, which show how much the choice matters."""
    kinds = dict.fromkeys(kind for c in columns for kind in c.beside)
    terms = dict.fromkeys(term for c in columns for term in treatment_terms(c))
    if not kinds:
        return []
    rows = [Row("panel", (say("regression.other-errors"),))]
    headline_errors = listed(list(dict.fromkeys(inference_name(c.headline) for c in columns)), "comma")
    headline_key = "_".join(dict.fromkeys(inference_key(c.headline) for c in columns))
    for term in terms:
        name = label_of(term, labels, layout.square)
        for kind in kinds:
            coefficients = [by_term(c.beside[kind]).get(term) if kind in c.beside else None for c in columns]
            origins = tuple(Origin(fit=c.beside.get(kind)) for c in columns)
            errors = next(inference_name(c.beside[kind]) for c in columns if kind in c.beside)
            cells = (say("regression.under", name=name, errors=errors), *(_t_with_stars(k) for k in coefficients))
            rows.append(Row("test", cells, f"{term}.{kind.replace(' ', '_')}", origins))
        headlines = (_t_with_stars(by_term(c.headline).get(term)) for c in columns)
        cells = (say("regression.under-headline", name=name, errors=headline_errors), *headlines)
        rows.append(Row("test", cells, f"{term}.{headline_key}"))
    return rows


def _t_with_stars(k: Coefficient | None) -> str:
    return "" if k is None else f"{fixed(k.statistic, 2)}{stars(k.p_value)}"


def below_note(below: Statistic) -> Said:
    """Return the note on the numbers below coefficients and on their stars."""
    return say(BELOW[below], stars=stars_note())


def _notes(columns: Sequence[Column], labels: Mapping[str, str], layout: Layout) -> list[str]:
    fits = [c.headline for c in columns]
    notes: list[str] = [below_note(layout.below)]
    drawn = next((w for f in fits for w in f.wild), None)
    if drawn:
        notes.append(
            say(
                "regression.wild-note",
                draws=drawn.draws,
                weights=say(f"wild_weights.{drawn.weights}"),
                smallest=f"{drawn.smallest_p:.2g}",
                seed=str(drawn.seed),
            )
        )
    if any(f.ssc == "xtreg" for f in fits):
        notes.append(say("regression.xtreg-note"))
    notes += _hausman_notes(columns)
    dropped = {label_of(t, labels, layout.square): why for f in fits for t, why in f.dropped.items()}
    notes += [say("regression.dropped", term=term, reason=why) for term, why in dropped.items()]
    return notes + _fit_notes(columns)
