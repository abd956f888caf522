"""Tables A11 on: how strong the instruments are, what holds whatever they are, and every estimator beside OLS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from integrade.judge.bundle import Instrumented
from integrade.judge.instruments import set_words, sets_of, test_p
from integrade.judge.naming import label_of, names_of, target_name
from integrade.models.fit.results import FitResult, by_term
from integrade.models.instruments.control_function import ControlFunction
from integrade.models.instruments.weak_iv import WeakIV
from integrade.numerals import fixed, interval, p_equals, p_text
from integrade.report.addresses import slug
from integrade.report.printed import STARS, Origin, PrintedTable, Row
from integrade.report.regression import Layout, stat_rows, term_rows

Labels = Mapping[str, str]

SAME = 1e-6  # relative: LIML is found by iteration
TOLERATED = "10 %"  # of the worst-case bias, for the word strong


def instrument_numbers(found: Sequence[Instrumented]) -> list[str]:
    """A11b, A11c and so on: one table of estimates per instrument, after the table of their strength."""
    return [f"A11{chr(ord('b') + i)}" for i in range(len(found))]


def strength_table(several: Sequence[Instrumented], labels: Labels | None = None) -> PrintedTable:
    """What each instrument stands on, how strong it is, and the sets that hold whatever its strength."""
    rows = []
    for found in several:
        names = names_of(found, labels or {})
        rows.append(Row("panel", (f"{found.title[:1].upper()}{found.title[1:]}",)))
        fit = found.estimates.get("2SLS") or (found.weak.fit if found.weak else None)
        rows += [
            Row("text", line, f"{slug(found.title)}.{slug(line[0])}", (Origin(line[2], fit),))
            for line in _lines(found, names)
        ]
    notes = (
        "An instrument is as good as its exclusion sentence, which no test can show. The effective F (Montiel Olea and "
        "Pflueger) exists for one endogenous regressor; with a square the Kleibergen-Paap F stands in its place, for "
        "which no critical value holds with clusters.",
        "Anderson-Rubin sets hold the values that the instruments do not contradict; they have their level however "
        "weak the instruments are, and say so by having no bound; here on the jackknife of clusters where there are "
        "such. Those of one of two endogenous regressors are projections and wide.",
    )
    return PrintedTable(
        "A11",
        "Instruments: strength, and what holds whatever it is",
        ("", "Result", "How to read it"),
        tuple(rows),
        notes,
        (0, 1, 2),
    )


def _lines(found: Instrumented, names: Labels) -> Iterator[tuple[str, str, str]]:
    yield "Must be true", f"{found.exclusion[:1].upper()}{found.exclusion[1:]}.", "Exclusion: no data can show it."
    fit = found.estimates.get("2SLS") or (found.weak.fit if found.weak else None)
    if fit is not None and fit.iv is not None:
        yield from _strength(fit, names)
    if found.weak is not None:
        yield from _robust(found.weak, names)
    if fit is not None and fit.iv is not None:
        yield from _overidentified(fit)
    if found.control is not None:
        c = found.control
        yield (
            "Control function",
            f"exogeneity {p_equals(c.exogeneity.p_value)}; U-test {p_equals(c.u_test.p_value)}, "
            f"turning point {fixed(c.u_test.turning_point)}",
            "Residual of the first stage and its product with the regressor together.",
        )
    for problem in found.problems:
        yield "Not estimated", f"{problem}.", ""


def _strength(fit: FitResult, names: Labels) -> Iterator[tuple[str, str, str]]:
    iv = fit.iv or {}
    first = iv.get("first_stage_f")
    if isinstance(first, Mapping):
        each = "; ".join(f"{label_of(t, names)} {fixed(_number(f), 2)}" for t, f in first.items())
        yield "First-stage F (Sanderson-Windmeijer)", each, "Strength for each endogenous regressor given the others."
    effective, kp = _number(iv.get("effective_f")), _number(iv.get("kp_f"))
    critical = {str(b): v for b, v in _items(iv.get("effective_f_critical")) if v is not None}
    if effective is not None:
        word = ("strong" if effective > critical[TOLERATED] else "weak") if TOLERATED in critical else ""
        listed = ", ".join(f"{fixed(v, 2)} (bias {b})" for b, v in critical.items())
        yield "Effective F", f"{fixed(effective, 2)}{f': {word}' if word else ''}", f"Critical values: {listed}."
    elif kp is not None:
        weak = kp < 10
        yield (
            "Kleibergen-Paap F",
            fixed(kp, 2) + (": weak" if weak else ""),
            "Below about 10 the estimates and their intervals cannot be trusted; read the sets below.",
        )


def _items(value: object) -> list[tuple[object, float | None]]:
    return [(k, _number(v)) for k, v in value.items()] if isinstance(value, Mapping) else []


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _robust(weak: WeakIV, names: Labels) -> Iterator[tuple[str, str, str]]:
    also = (("CR1", weak.ar_p if weak.ar_p_cr3 is not None else None), ("wild bootstrap", weak.ar_p_wild))
    listed = ", ".join(f"{how} {p_equals(p)}" for how, p in also if p is not None)
    beside = f" Beside it: {listed}." if listed else ""
    yield (
        "Anderson-Rubin test, all endogenous",
        p_equals(test_p(weak)),
        f"Valid for any strength: does the treatment matter at all?{beside}",
    )
    for s in sets_of(weak):
        where = f"{100 * weak.level:g} % set: {target_name(s, names)}"
        drawn = next((o for o in weak.sets_wild if o.target == s.target), None)
        wild = f"; wild bootstrap {set_words(drawn)}" if drawn is not None else ""
        yield where, set_words(s), f"2SLS {fixed(s.estimate, 4)}{'; projected' if s.projected else ''}{wild}."
    if weak.tf is not None:
        t = weak.tf
        bound = interval(t.conf_low, t.conf_high, 4) if abs(t.conf_low) != float("inf") else "unbounded"
        yield "tF interval", bound, f"|t| must exceed {fixed(t.critical, 2)} for a test of 5 % at this F."
    if weak.c_statistic is not None:
        yield ("Exogeneity (C statistic)", p_equals(weak.c_p), "A small p: least squares and the instruments disagree.")


def _overidentified(fit: FitResult) -> Iterator[tuple[str, str, str]]:
    iv = fit.iv or {}
    p = _number(iv.get("hansen_p"))
    if p is not None and p == p:
        yield f"{iv.get('hansen_kind')} test", p_equals(p), "A small p: the instruments contradict each other."


def instrument_table(found: Instrumented, labels: Labels | None = None, *, number: str = "A11b") -> PrintedTable:
    """OLS, the first stages, every estimator, the control function, on the same rows."""
    names, layout = names_of(found, labels or {}), Layout()
    columns = _columns(found, names)
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
    heads = [f"({i}) {head}" for i, (head, _) in enumerate(columns, start=1)]
    title = f"{label_of(fits[0].outcome, names)} with an instrument: {found.title}"
    origins = tuple(Origin(fit=f) for f in fits)
    return PrintedTable(number, title, ("", *heads), tuple(rows), tuple(_notes(found, names)), origins=origins)


def _columns(found: Instrumented, names: Labels) -> list[tuple[str, FitResult]]:
    columns = [("OLS", found.ols)] if found.ols is not None else []
    columns += [(f"First stage {label_of(f.outcome, names)}", f) for f in found.first]
    columns += list(_distinct(found).items())
    control: ControlFunction | None = found.control
    return [*columns, *([("Control function", control.fit)] if control is not None else [])]


def _distinct(found: Instrumented) -> dict[str, FitResult]:
    """The estimates without those that repeat 2SLS: with as many instruments as regressors all are the same."""
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
    """The joint test of the instruments in each first stage."""
    from integrade.models.fit.contrasts import joint_test

    cells = []
    for _, fit in columns:
        own = [t for t in by_term(fit) if t.removesuffix("^2") in found.columns]
        test = joint_test(fit, own) if own else None
        cells.append(f"{fixed(test.statistic, 2)} ({p_text(test.p_value)})" if test else "")
    return [Row("test", ("F of the instruments (p)", *cells), "first_stage_F")] if any(cells) else []


def _notes(found: Instrumented, names: Labels) -> list[str]:
    listed = ", ".join(label_of(z, names) for z in found.columns)
    notes = [
        f"t statistics in parentheses. {STARS} With weak instruments they are not to be trusted: read Table A11.",
        f"Instruments: {listed}, with squares where the square is instrumented. {found.exclusion[:1].upper()}"
        f"{found.exclusion[1:]}.",
    ]
    if len(_distinct(found)) < len(found.estimates):
        notes.append("With as many instruments as instrumented regressors these estimators are the same.")
    if found.builder == "split_goods":
        notes.append(
            "A and B are the indices of the two halves of the goods. The regressor is that of one half: its OLS "
            "estimate is more attenuated than that of the whole index. ORIV (Table A9) uses both halves in both roles."
        )
    if found.control is not None:
        notes.append(
            "Control function: one first stage for the regressor alone; errors from both stages without each cluster."
        )
    said = dict.fromkeys(
        n for f in found.estimates.values() for n in f.notes if n.startswith(("two-step", "CR3 holds"))
    )
    return [*notes, *(f"{n[:1].upper()}{n[1:]}." for n in said), *(f"Not estimated: {p}." for p in found.problems)]
