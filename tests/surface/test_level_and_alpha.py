"""``level`` is the confidence of an interval and ``alpha`` the size of a test, in every option, function and section.

The last tests go over what is declared, so that a new option cannot take one name for the other.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import polars as pl
import pytest

import integrade as ig
from each import each
from integrade import surface
from integrade.records.catalogue import CATALOGUE, options_of, plain
from integrade.records.confidence import ALPHA, LEVEL, Alpha, Level, checked, probability_in
from integrade.study.closure import layer
from integrade.study.config import study_model
from integrade.study.json_schema import json_schema
from integrade.study.reading import read_draft
from integrade.surface.packages import full_name

F = "y ~ market | firm + year"
TASTE = {"QualityParameters", "SupplyDemand"}
"""Records whose ``alpha`` is the taste for quality of their papers, which no test of this file is about."""


@pytest.fixture(scope="module")
def noise() -> pl.DataFrame:
    """40 firms over 10 years; the outcome has nothing to do with the treatment."""
    rng = np.random.default_rng(1)
    firms, years = np.repeat(np.arange(40), 10), np.tile(np.arange(2000, 2010), 40)
    return pl.DataFrame({"firm": firms, "year": years, "y": rng.normal(size=400), "market": rng.normal(size=400)})


def test_noise_is_no_u_because_a_confidence_was_given_for_a_size(noise: pl.DataFrame) -> None:
    for wrong in ({"level": 0.95}, {"alpha": 0.95}):
        with pytest.raises(ig.errors.UsageError) as refused:
            ig.questions.two_lines(noise, F, **wrong)  # type: ignore[arg-type]
        assert "alpha=0.05" in refused.value.remedy
    assert ig.questions.two_lines(noise, F).verdict == "neither"


CALLS: dict[str, tuple[Callable[[pl.DataFrame, Any], Any], dict[str, float], str]] = {
    "two lines": (lambda d, o: ig.questions.two_lines(d, F, **o), {"level": 0.05}, "alpha=0.05"),
    "curve": (lambda d, o: ig.questions.specification_curve(d, **o), {"level": 0.9}, "alpha=0.1"),
    "confounder": (lambda d, o: ig.questions.omitted_confounder(d, F, "market", **o), {"level": 0.95}, "alpha=0.05"),
    "mediation": (lambda d, o: ig.mediate(d, F, "firm", **o), {"alpha": 0.05}, "level=0.95"),
    "weak instruments": (lambda d, o: ig.questions.weak_iv(d, F, **o), {"alpha": 0.1}, "level=0.9"),
    "break": (lambda _, o: ig.questions.break_date([1], [2.0], **o), {"alpha": 0.05}, "level=0.95"),
    "break by size": (lambda _, o: ig.questions.break_date([1], [2.0], **o), {"level": 0.05}, "level=0.95"),
    "per cent": (lambda d, o: ig.fit(d, F).tidy(**o), {"level": 90}, "level=0.9"),
    "figure": (lambda d, o: ig.fit(d, F).plot(**o), {"alpha": 0.1}, "level=0.9"),
    "half-life": (lambda d, o: ig.integration.half_life(d, **o), {"level": 0.9}, "confidence=0.9"),
}


@each("name", CALLS)
def test_the_other_name_and_values_of_the_other_are_refused(name: str, noise: pl.DataFrame) -> None:
    call, given, remedy = CALLS[name]
    with pytest.raises(ig.errors.UsageError) as refused:
        call(noise, given)
    assert remedy in refused.value.remedy
    assert refused.value.code in ("U100", "U101")


NO_NUMBERS = ("0.95", None, [0.95], Decimal("0.95"), True, np.True_, np.array([0.95]))


@each("value", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_refused_with_the_usual_value(value: Any, noise: pl.DataFrame) -> None:
    fitted = ig.fit(noise, F)
    for call, name, remedy in (
        (lambda v: fitted.tidy(level=v), "level", "give level=0.95"),
        (lambda v: ig.questions.break_date(range(2000, 2012), [1.0] * 12, level=v), "level", "give level=0.95"),
        (lambda v: ig.questions.two_lines(noise, F, alpha=v), "alpha", "alpha"),
    ):
        with pytest.raises(ig.errors.UsageError) as refused:
            call(value)
        assert refused.value.what.startswith(name)
        assert remedy in refused.value.remedy


def test_numbers_of_numpy_are_printed_as_they_were_written() -> None:
    with pytest.raises(ig.errors.UsageError) as refused:
        LEVEL.check(np.float32(0.05))
    assert refused.value.remedy == "give level=0.95"
    LEVEL.check(np.float32(0.95))
    ALPHA.check(np.float32(0.5))
    for beyond in (10**400, float("nan"), float("inf")):
        with pytest.raises(ig.errors.UsageError, match="out of range"):
            LEVEL.check(beyond)


@each(
    ("section", "key", "remedy"),
    [
        ("[sensitivity]", "level = 0.05", "leave level out; give alpha = 0.05"),
        ("[sensitivity]", "alpha = 0.95", "give alpha = 0.05"),
        ("[shape]", "alpha = 0.05", "leave alpha out; give level = 0.95"),
        ("[shape]", "level = 0.05", "give level = 0.95"),
        ('[mediation]\nmediators = ["rd"]', "level = 0.1", "give level = 0.9"),
        ('[[instruments]]\nbuilder = "neighbour"', "level = 95", "give level = 0.95"),
    ],
)
def test_a_study_file_is_told_what_to_write(section: str, key: str, remedy: str, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(f"{section}\n{key}\n", encoding="utf-8")
    problems = read_draft(tmp_path).problems
    assert remedy in "; ".join(p.remedy for p in problems), [str(p) for p in problems]
    assert any("study.toml:" in p.what or "line" in p.what for p in problems)


def test_the_ends_of_the_ranges() -> None:
    assert [LEVEL.admits(v) for v in (0.49, 0.5, 0.999, 1.0)] == [False, True, True, False]
    assert [ALPHA.admits(v) for v in (0.0, 0.001, 0.5, 0.51)] == [False, True, True, False]


def test_the_schema_of_study_files_has_the_ranges() -> None:
    defined = json_schema()["$defs"]
    assert defined["Shape"]["properties"]["level"]["minimum"] == 0.5
    assert defined["Sensitivity"]["properties"]["alpha"]["maximum"] == 0.5


# --- what is declared


def records() -> Iterator[type]:
    """Every record of options: the public ones, and those of measures."""
    for home, names in surface.OPTIONS.items():
        for name in names:
            yield getattr(importlib.import_module(full_name(home)), name)
    yield from (m.options for m in CATALOGUE.values())


def sections() -> Iterator[Any]:
    """Every section of a study file."""
    for field in study_model().model_fields.values():
        for kind in _classes(field.annotation):
            if hasattr(kind, "model_fields"):
                yield kind


def _classes(hint: Any) -> Iterator[Any]:
    if isinstance(hint, type) and get_origin(hint) is None:
        yield hint
    for inner in get_args(hint):
        yield from _classes(inner)


def functions() -> Iterator[Any]:
    """Every public function, and every method of a public result."""
    for homes in (surface.FLAT, surface.QUESTIONS, surface.FORMER):
        for home, names in homes.items():
            yield from (getattr(importlib.import_module(full_name(home)), name) for name in names)
    yield from (measure.function for measure in surface.measures().values())
    yield from (getattr(ig.plot, name) for name in ig.plot.__all__)
    for home, names in surface.RESULTS.items():
        for name in names:
            kind = getattr(importlib.import_module(full_name(home)), name)
            yield from (f for n, f in vars(kind).items() if inspect.isfunction(f) and not n.startswith("_"))


def declarations() -> Iterator[tuple[str, str, Any]]:
    """Where, name and annotation of every option of a record and every key of a section."""
    for record in records():
        yield from ((record.__name__, name, one.hint) for name, one in options_of(record).items())
    for section in sections():
        hints = get_type_hints(section, include_extras=True)
        yield from ((section.__name__, name, hints[name]) for name in section.model_fields)


def test_every_level_and_alpha_of_an_option_is_declared_by_its_type() -> None:
    seen = set()
    for where, name, hint in declarations():
        declared = probability_in(hint)
        grain = bool(get_args(plain(hint))) and get_origin(plain(hint)) is not None  # level = "region"
        if name == "alpha" and where not in TASTE:
            assert declared is ALPHA, f"{where}.alpha is no Alpha"
        if name in ("level", "confidence") and not grain:
            assert declared is LEVEL, f"{where}.{name} is no Level"
        if declared is not None:
            assert (name, declared) in {("level", LEVEL), ("confidence", LEVEL), ("alpha", ALPHA)}, f"{where}.{name}"
            seen.add((where, name))
    assert {("TwoLines", "alpha"), ("Curve", "alpha"), ("Mediation", "level"), ("Shape", "level")} <= seen


def test_defaults_lie_in_the_range_of_their_type() -> None:
    for record in records():
        for name, one in options_of(record).items():
            declared = probability_in(one.hint)
            assert declared is None or declared.admits(one.default), f"{record.__name__}.{name}"
    for section in sections():
        hints = get_type_hints(section, include_extras=True)
        for name, field in section.model_fields.items():
            declared = probability_in(hints[name])
            assert declared is None or declared.admits(field.default), f"{section.__name__}.{name}"


def test_every_level_and_alpha_of_a_function_is_declared_and_checked() -> None:
    seen = set()
    for function in functions():
        if not inspect.isfunction(function):
            continue
        spelled = vars(function).get("__signature__")
        own = inspect.signature(inspect.unwrap(function)) if spelled is None else inspect.Signature()
        for name, parameter in own.parameters.items():
            number = isinstance(parameter.default, float) and 0 < parameter.default < 1
            if name in ("level", "alpha", "confidence") and number:
                assert str(parameter.annotation) == {"alpha": "Alpha"}.get(name, "Level"), function.__qualname__
                assert hasattr(function, "__wrapped__"), f"{function.__qualname__} is not checked"
                seen.add(function.__qualname__)
    assert {"u_test", "break_date", "FitResult.tidy", "FitResult.conf_int", "lags", "curve"} <= seen


def test_no_function_of_a_module_declares_a_plain_number_for_one_of_them() -> None:
    """Inner functions too: a default that is a plain ``float`` would be on neither side."""
    for module in pkgutil.walk_packages(ig.__path__, "integrade."):
        if layer(module.name.removeprefix("integrade.")) not in ("estimate", "subjects", "plot", "verdicts"):
            continue
        for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if function.__module__ != module.name or "__signature__" in vars(function):
                continue  # imported; or its options are those of a record
            for one in inspect.signature(inspect.unwrap(function)).parameters.values():
                plain_number = one.name in ("level", "alpha") and isinstance(one.default, float)
                assert not plain_number or str(one.annotation) in ("Level", "Alpha"), f"{module.name}.{name}"


def test_a_checked_function_keeps_its_signature_and_checks_positions_too() -> None:
    @checked
    def width(values: float, level: Level = 0.95, *, alpha: Alpha = 0.05) -> float:
        return values * level * alpha

    assert list(inspect.signature(width).parameters) == ["values", "level", "alpha"]
    assert width(1.0, 0.9, alpha=0.1) == pytest.approx(0.09)
    for call in (lambda: width(1.0, 0.05), lambda: width(1.0, alpha=0.95)):
        with pytest.raises(ig.errors.UsageError):
            call()
