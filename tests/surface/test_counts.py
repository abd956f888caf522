"""Every count that a user gives has a most, in flags, keys of a study file and Python."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import polars as pl
import pytest

import integrade as ig
from each import each
from integrade import subjects as questions
from integrade.cli import run
from integrade.errors import UsageError
from integrade.records.catalogue import CATALOGUE, choose, options_of
from integrade.records.needs import Count
from integrade.simulation import Economy, simulate, simulate_customs
from integrade.simulation.exporters import simulate_registers
from integrade.simulation.production import Production
from integrade.study.config import study_model
from integrade.study.run import check_study
from remedies.tables import PANEL, PRICES, F, csv

NO_COUNTS_OF_WORK = {
    *("base", "edition", "first_year"),  # years
    *("digits", "digits_below", "pad", "seed", "degree", "markov", "first_of_later"),  # codes and powers
    *("k_min", "least", "min_employees"),  # how much there must be at least
    *("gap_years", "horizon", "lags", "lead", "leads", "span", "window"),  # distances in the rows that are there
    *("goods",),  # of those in the table
}
"""Whole numbers that do not say how much is computed; any other option of whole numbers is a count."""
HUGE = 99_999_999_999


def counts_in(hint: Any) -> list[Count]:
    """The bounds that stand anywhere in an annotation."""
    found = [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, Count)]
    return found + [one for part in get_args(hint) for one in counts_in(part)]


def option_classes() -> Iterator[type]:
    """Every class of options that a user can give."""
    yield from {record.options for record in CATALOGUE.values()}
    yield from {getattr(ig.options, name) for name in dir(ig.options) if isinstance(getattr(ig.options, name), type)}
    yield from (Economy, Production)
    for module in pkgutil.iter_modules(questions.__path__, f"{questions.__name__}."):
        here = importlib.import_module(module.name)
        yield from (one for name, one in vars(here).items() if name.endswith("Flags"))


def keys_in(model: Any) -> Iterator[tuple[str, str, Any]]:
    """Every key of a section, with its annotation."""
    hints = get_type_hints(model, include_extras=True)
    for name in model.model_fields:
        yield model.__name__, name, hints[name]
        for part in models_in(hints[name]):
            yield from keys_in(part)


def models_in(hint: Any) -> list[Any]:
    own = [hint] if hasattr(hint, "model_fields") else []
    return own + [one for part in get_args(hint) for one in models_in(part)]


def of_whole_numbers(hint: Any) -> bool:
    return hint is int or any(of_whole_numbers(part) for part in get_args(hint))


def test_every_count_of_an_option_has_a_most() -> None:
    classes = [one for one in option_classes() if dataclasses.is_dataclass(one)]
    found = {(c.__name__, n): o for c in classes for n, o in options_of(c).items() if n not in NO_COUNTS_OF_WORK}
    counts = {place: one for place, one in found.items() if of_whole_numbers(one.hint)}
    assert len(counts) > 12
    assert [place for place, one in counts.items() if not counts_in(one.hint)] == []


def test_every_count_of_a_study_file_has_a_most() -> None:
    found = [(s, n, h) for s, n, h in keys_in(study_model()) if n not in NO_COUNTS_OF_WORK and of_whole_numbers(h)]
    assert len(found) > 8
    assert [(section, name) for section, name, hint in found if not counts_in(hint)] == []


FLAGS = {
    "--wild": ["fit", csv(PANEL, "counts.csv"), F, "--cluster", "region"],
    "--draws": ["integration", csv(PRICES, "counted.csv"), "--method", "panel_unit_root", "--out", "-"],
    "--randomise": ["fit", csv(PANEL, "counts.csv"), F, "--cluster", "region"],
    "--romano-wolf": ["fit", csv(PANEL, "counts.csv"), F, "--cluster", "region"],
    "--permutations": ["fit", csv(PANEL, "counts.csv"), F, "--cluster", "region"],
}


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_beyond_the_most_is_refused(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--by", "kind"] if flag == "--permutations" else []
    assert run([*FLAGS[flag], *more, flag, str(HUGE)]) == 2
    assert f"U100 {flag} {HUGE} is more than 1,000,000, the maximum" in capsys.readouterr().err


def test_a_demo_of_too_many_firms_is_refused_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["demo", str(tmp_path / "demo"), "--firms", str(HUGE)]) == 2
    assert f"U100 --firms {HUGE} is more than" in capsys.readouterr().err
    assert not (tmp_path / "demo").exists()


PYTHON: dict[str, Callable[[], object]] = {
    "wild": lambda: ig.fit(PANEL, F, cluster="region", wild=HUGE),
    "options": lambda: choose(ig.options.Fit, ig.options.Fit(wild=HUGE), {}),
    "draws": lambda: ig.integration.split_half(pl.DataFrame(), draws=HUGE),
    "break": lambda: ig.break_date(range(2000, 2012), [1.0] * 12, draws=HUGE),
    "economy": lambda: simulate(Economy(n_firms=HUGE)),
    "replicates": lambda: choose(ig.options.Tfp, None, {"replicates": HUGE}),
    "knots": lambda: ig.questions.two_lines(PANEL, F, variable="m", knots=10**9),
    "products": lambda: simulate(Economy(n_products=HUGE)),
    "destinations": lambda: simulate(Economy(n_destinations=HUGE)),
    "goods": lambda: simulate(Economy(n_goods=HUGE)),
    "years": lambda: simulate(Economy(n_years=HUGE)),
    "rows of customs": lambda: simulate_customs(HUGE),
    "products of customs": lambda: simulate_customs(1000, n_products=HUGE),
    "years of customs": lambda: simulate_customs(1000, n_years=HUGE),
    "years of registers": lambda: simulate_registers(20, n_exporters=10, n_years=HUGE),
    "years of noise": lambda: ig.questions.expected_attenuation(5, 5, HUGE),
}


@each("call", PYTHON.values(), ids=PYTHON)
def test_an_argument_beyond_the_most_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(UsageError, match="the maximum") as caught:
        call()
    assert "or fewer: " in caught.value.remedy


def test_a_key_beyond_the_most_is_refused_with_its_line(tmp_path: Path) -> None:
    PANEL.write_csv(tmp_path / "panel.csv")
    text = f"""title = "t"
[panel]
files = ["panel.csv"]
[regression]
formula = "y ~ m + x | firm + year"
cluster = "region"
wild = {HUGE}
"""
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    found = [p for p in check_study(tmp_path)[0] if "wild" in p.what]
    assert len(found) == 1
    assert found[0].what.startswith("study.toml:7 [regression] wild")
    assert "1000000 or fewer" in found[0].remedy


def test_the_most_itself_is_accepted() -> None:
    assert choose(ig.options.Fit, None, {"wild": 1_000_000}).wild == 1_000_000


NO_COUNTS = [
    *((99.0, "give wild=99"), (np.float64(99.0), "give wild=99"), (True, "give wild=999")),
    *((number, "wild takes a whole number") for number in (98.6, np.True_, float("nan"))),
]


@each(("value", "remedy"), NO_COUNTS, ids=repr)
def test_what_is_no_whole_number_is_refused(value: Any, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        ig.fit(PANEL, F, cluster="region", wild=value)
    assert caught.value.remedy == remedy


@pytest.mark.parametrize("value", ["99", None, [99]], ids=repr)
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match="draws takes a whole number"):
        ig.break_date(range(2000, 2012), [1.0] * 12, draws=value)


def test_whole_numbers_of_numpy_are_counts() -> None:
    assert choose(ig.options.Fit, None, {"wild": np.int64(99)}).wild == 99
