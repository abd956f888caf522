"""Build the tables of instruments: their strength, sets that are valid at any strength, and every estimator."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from integrade.estimate.results import FitResult, IVDiagnostics, by_term
from integrade.report.printed import PrintedTable, numbered, sentence
from integrade.report.regression import Layout, below_note, stat_rows, term_rows
from integrade.report.rows import Origin, Row
from integrade.subjects.instruments.verdict import (
    adjusted_exogeneity,
    first_stage_test,
    rejected,
    set_words,
    sets_of,
    strength_of,
    test_p,
)
from integrade.subjects.instruments.weak_iv import ARSet, Instrumented, WeakIV
from integrade.verdicts import places
from integrade.verdicts.naming import (
    dimension_word,
    instrument_opening,
    instrument_word,
    label_of,
    names_of,
    prose_of,
    target_name,
)
from integrade.wording.numerals import between, by_interval, fixed, p_equals, p_text, placed
from plainwords.texts import Said, listed, say, slug

Labels = Mapping[str, str]

SAME = 1e-6  # relative; LIML is found by iteration, so equal estimates differ by its convergence error; a convention


def instrument_numbers(found: Sequence[Instrumented]) -> list[str]:
    """Return the numbers A6b, A6c and so on of the tables of estimates, one per instrument.

    Table A6 is about the strength of all instruments.
    """
    return [f"{places.INSTRUMENTS}{chr(ord('b') + i)}" for i in range(len(found))]


def strength_table(several: Sequence[Instrumented], labels: Labels | None = None) -> PrintedTable:
    """Build Table A6: each instrument's exclusion restriction, its strength, and sets valid at any strength."""
    rows: list[Row] = []
    tested = sum(i.control is not None for i in several)
    for found, holm in zip(several, adjusted_exogeneity(several), strict=True):
        names = names_of(found, labels or {})
        rows.append(Row("panel", (instrument_opening(found.builder, found.title),)))
        fit = _two_stage(found)
        rows += [
            Row("text", line, f"{slug(found.title)}.{key}", (Origin(line[2], fit),))
            for key, line in _lines(found, names, holm if tested > 1 else None)
        ]
    notes: list[str] = [say("instrument_tables.exclusion-note")]
    if any(found.builder == "split_goods" for found in several):
        notes.append(say("instrument_tables.halves-are"))
    # the errors behind the F and C statistics, which are never from the jackknife
    basis = next((fit.basis for found in several if (fit := _two_stage(found)) is not None), None)
    if basis is not None and basis.clusters:
        clusters = listed([dimension_word(name) for name in basis.clusters], "and")
        notes.append(say("instrument_tables.strength-by-cluster", clusters=clusters))
    elif basis is not None:
        notes.append(
            say("instrument_tables.strength-iid" if basis.kind == "iid" else "instrument_tables.strength-robust")
        )
    notes += [*_two_strengths(several), say("instrument_tables.sets-note")]
    if any(s.kind == "line" for found in several if found.weak is not None for s in sets_of(found.weak)):
        notes.append(say("instrument_tables.unbounded-note"))
    return PrintedTable(
        places.INSTRUMENTS,
        say("instrument_tables.strength-title"),
        ("", say("instrument_tables.result"), say("printed.how-to-read-it")),
        tuple(rows),
        tuple(notes),
        (0, 1, 2),
        column_keys=("result", "how_to_read_it"),
    )


def _two_stage(found: Instrumented) -> FitResult | None:
    """Return the 2SLS regression, which has the diagnostics of its instruments."""
    return found.estimates.get("2SLS") or (found.weak.fit if found.weak else None)


def _two_strengths(several: Sequence[Instrumented]) -> list[str]:
    """Return a note if the F statistics of single regressors are large but the joint F is small; else nothing."""
    for found in several:
        fit = _two_stage(found)
        strength = None if fit is None else strength_of(fit)
        if fit is None or fit.iv is None or strength is None or not strength.weak or len(fit.iv.first_stage_f) < 2:
            continue
        if strength.needed is not None and min(fit.iv.first_stage_f.values()) >= strength.needed:
            return [say("instrument_tables.two-strengths")]
    return []


Line = tuple[str, tuple[str, str, str]]
"""A line of the table: a part of its address, and the texts of its name, its result and how to read it."""


def _lines(found: Instrumented, names: Labels, holm: float | None) -> Iterator[Line]:
    """Yield the lines of one instrument.

    ``holm`` is the p of the control function, adjusted over the instruments; None if there is only one instrument.
    """
    exclusion = (say("instrument_tables.must-be-true"), sentence(found.exclusion), say("instrument_tables.exclusion"))
    yield "must_be_true", exclusion
    fit = _two_stage(found)
    if fit is not None and fit.iv is not None:
        yield from _strength(fit, fit.iv, names)
    if found.weak is not None:
        yield from _robust(found.weak, names)
    if fit is not None and fit.iv is not None and fit.iv.hansen_p is not None and not math.isnan(fit.iv.hansen_p):
        name = say("instrument_tables.overidentified", kind=fit.iv.hansen_kind)
        yield slug(name), (name, p_equals(fit.iv.hansen_p), say("instrument_tables.overidentified-how"))
    if found.control is not None:
        c = found.control
        exogeneity = p_equals(c.exogeneity.p_value)
        if holm is not None:
            exogeneity = say("instrument_tables.p-and-holm", p=exogeneity, adjusted=p_equals(holm))
        tests = say(
            "instrument_tables.exogeneity-and-shape",
            exogeneity=exogeneity,
            shape=p_equals(c.u_test.p_value),
            turning=placed(c.u_test.turning_point),
        )
        name, how = say("instrument_tables.control-function"), say("instrument_tables.control-function-how")
        yield "control_function", (name, tests, how)
    for problem in found.problems:
        yield (
            "not_estimated",
            (say("instrument_tables.not-estimated"), say("instrument_tables.problem", text=problem), ""),
        )


def _strength(fit: FitResult, iv: IVDiagnostics, names: Labels) -> Iterator[Line]:
    f_of_regressors = [
        say("instrument_tables.first-stage-of", term=label_of(t, names), f=fixed(f, 2))
        for t, f in iv.first_stage_f.items()
        if not math.isnan(f)
    ]
    if f_of_regressors:
        name, how = say("instrument_tables.first-stage"), say("instrument_tables.first-stage-how")
        yield "first_stage_f_sanderson_windmeijer", (name, listed(f_of_regressors, "semicolon"), how)
    strength = strength_of(fit)
    if strength is None:
        return
    result = f = fixed(strength.f, 2)
    if strength.weak:
        result = say("instrument_tables.f-weak", f=f)
    if strength.kind == "effective":
        # only for the effective F are there critical values, by tolerated bias
        if strength.weak is False:
            result = say("instrument_tables.f-strong", f=f)
        critical = iv.effective_f_critical or {}
        values = [say("instrument_tables.critical-value", f=fixed(v, 2), bias=b) for b, v in critical.items()]
        how = say("instrument_tables.critical-values", values=listed(values, "clauses"))
        yield "effective_f", (say("instrument_tables.effective"), result, how)
    else:
        how = say("instrument_tables.kleibergen-paap-how")
        yield "kleibergen_paap_f", (say("instrument_tables.kleibergen-paap"), result, how)


def _robust(weak: WeakIV, names: Labels) -> Iterator[Line]:
    # the p-values of the same test by other methods
    others = (
        ("instrument_tables.by-cr1", weak.ar_p if weak.ar_p_cr3 is not None else None),
        ("instrument_tables.by-wild-bootstrap", weak.ar_p_wild),
    )
    other_p = [say(how, p=p_equals(p)) for how, p in others if p is not None]
    if other_p:
        any_strength = say("instrument_tables.any-strength-beside", others=listed(other_p, "comma"))
    else:
        any_strength = say("instrument_tables.any-strength")
    test = (say("instrument_tables.anderson-rubin"), p_equals(test_p(weak)), any_strength)
    yield "anderson_rubin_test_all_endogenous", test
    for s in sets_of(weak):
        drawn = next((o for o in weak.sets_wild if o.target == s.target), None)
        details = [say("instrument_tables.two-stage", estimate=fixed(s.estimate, 4))]
        details += [say("instrument_tables.projected")] if s.projected else []
        details += [say("instrument_tables.wild-set", set=set_words(drawn))] if drawn is not None else []
        yield (
            slug(_set_of(replace(s, at=None), weak, names)),
            (
                _set_of(s, weak, names),
                say("sets.unbounded-alone") if s.kind == "line" else set_words(s, effect=rejected(weak)),
                say("instrument_tables.beside-the-set", parts=listed(details, "semicolon")),
            ),
        )
    if weak.tf is not None:
        t = weak.tf
        bounded = abs(t.conf_low) != float("inf")
        ends = t.conf_low, t.conf_high
        bound = between(by_interval(*ends), *ends) if bounded else say("instrument_tables.unbounded")
        how = say("instrument_tables.tf-how", critical=fixed(t.critical, 2), df=f"{t.df_t:,.0f}")
        yield "tf_interval", (say("instrument_tables.tf"), bound, how)
    if weak.c_statistic is not None:
        how = say("instrument_tables.c-statistic-how")
        yield "exogeneity_c_statistic", (say("instrument_tables.c-statistic"), p_equals(weak.c_p), how)


def _set_of(s: ARSet, weak: WeakIV, names: Labels) -> str:
    return say("instrument_tables.set", level=f"{100 * weak.level:g}", target=target_name(s, names))


def instrument_table(
    found: Instrumented, labels: Labels | None = None, *, number: str = "A6b", with_noise: bool = False
) -> PrintedTable:
    """Build the table of one instrument: OLS, first stages, all estimators and control function, on the same rows.

    ``with_noise``: the report also has the table on noise in the index, and the notes refer to it.
    """
    names, layout = names_of(found, labels or {}), Layout()
    columns: list[tuple[str, FitResult]] = [("OLS", found.ols)] if found.ols is not None else []
    columns += [
        (say("instrument_tables.first-stage-column", outcome=label_of(f.outcome, names)), f) for f in found.first
    ]
    columns += list(_distinct(found).items())
    if found.control is not None:
        columns.append((say("instrument_tables.control-function"), found.control.fit))
    fits = [fit for _, fit in columns]
    order = [found.variable, f"{found.variable}^2"]
    present = list(dict.fromkeys(t for f in fits for t in by_term(f)))
    z = [t for t in present if t.removesuffix("^2") in found.columns]
    others = [t for t in present if t not in (*order, *z)]
    rows = [
        *term_rows([*(t for t in order if t in present), *z, *others], [by_term(f) for f in fits], names, layout),
        *stat_rows(fits, names, ("observations", "effects", "vcov", "clusters", "df", "ssc")),
        *_strength_rows(found, columns),
    ]
    heads = [numbered(i, head) for i, (head, _) in enumerate(columns, start=1)]
    title = say(
        "instrument_tables.title",
        outcome=prose_of(fits[0].outcome, names),
        instrument=instrument_word(found.builder, found.title),
    )
    origins = tuple(Origin(fit=f) for f in fits)
    return PrintedTable(
        number, title, ("", *heads), tuple(rows), tuple(_notes(found, names, with_noise)), origins=origins
    )


def _distinct(found: Instrumented) -> dict[str, FitResult]:
    """Return the estimates without those equal to 2SLS.

    With as many instruments as endogenous regressors, all estimates are equal.
    """
    first = found.estimates.get("2SLS")
    same = [
        name
        for name, fit in found.estimates.items()
        if first is not None
        and fit is not first
        and by_term(fit).keys() == by_term(first).keys()
        and all(abs(c.estimate - first[c.term].estimate) <= SAME * abs(c.estimate) for c in fit.coefficients)
    ]
    joined = " = ".join(["2SLS", *same])
    return {joined if name == "2SLS" else name: f for name, f in found.estimates.items() if name not in same}


def _strength_rows(found: Instrumented, columns: Sequence[tuple[str, FitResult]]) -> list[Row]:
    """Return the joint test of the instruments in each first stage."""
    cells = []
    for _, fit in columns:
        test = first_stage_test(found, fit)
        cells.append(f"{fixed(test.statistic, 2)} ({p_text(test.p_value)})" if test else "")
    return [Row("test", (say("instrument_tables.first-stage-f"), *cells), "first_stage_F")] if any(cells) else []


OF_ESTIMATORS = ("models_fit.gmm", "models_fit.gmm-held")
"""Notes of a fit that are about its estimator."""


def _notes(found: Instrumented, names: Labels, with_noise: bool) -> list[str]:
    # the terms that are instruments: columns, and their squares if the first stages have them
    used = {term for stage in found.first for term in by_term(stage)}
    terms = dict.fromkeys([*found.columns, *(s for z in found.columns if (s := f"{z}^2") in used)])
    notes: list[str] = [
        below_note(Layout().below),
        say("instrument_tables.weak-instruments"),
        say("instrument_tables.instruments", columns=listed([label_of(z, names) for z in terms], "comma")),
    ]
    if len(_distinct(found)) < len(found.estimates):
        notes.append(say("instrument_tables.all-the-same"))
    if found.builder == "split_goods":
        notes.append(say("instrument_tables.halves-note"))
        if with_noise:
            notes.append(say("instrument_tables.halves-in-both-roles"))
    if found.control is not None:
        notes.append(say("instrument_tables.control-function-note"))
    # an estimate equal to 2SLS has no column, and does not depend on the weights of its estimator
    of_estimators = dict.fromkeys(
        n for f in _distinct(found).values() for n in f.notes if isinstance(n, Said) and n.key in OF_ESTIMATORS
    )
    return [
        *notes,
        *map(sentence, of_estimators),
        *(say("instrument_tables.not-estimated-because", text=p) for p in found.problems),
    ]
