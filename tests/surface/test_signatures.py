"""Options as a reader sees them: signatures and help name every keyword, its choices and its default."""

from __future__ import annotations

import dataclasses
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Literal, get_origin, get_type_hints

import polars as pl
import pytest

import integrade as ig
from each import each
from integrade.records.catalogue import CATALOGUE, keywords, options_of
from integrade.subjects import questions

PUBLIC: dict[str, Any] = {}
for space in ("questions", "integration", "quality", "panel", "sources"):
    module = getattr(ig, space)
    PUBLIC |= {f"{space}.{name}": getattr(module, name) for name in dir(module) if not name.startswith("_")}
FUNCTIONS = {n: f for n, f in PUBLIC.items() if inspect.isfunction(f) and f.__module__.startswith("integrade.")}
SPELLED = {n: f for n, f in FUNCTIONS.items() if inspect.unwrap(f).__code__.co_flags & inspect.CO_VARKEYWORDS}


def test_the_main_path_is_short_and_the_rest_is_listed_by_subject() -> None:
    assert 20 <= len(ig.__all__) <= 30
    assert set(ig.__all__) <= set(dir(ig))
    for space in ("errors", "integration", "options", "panel", "plot", "quality", "questions", "results", "sources"):
        assert space in dir(ig)
        assert getattr(ig, space).__doc__
    assert "krugman" in dir(ig.integration)
    assert "oster" in dir(ig.questions)
    assert ig.questions.fit is ig.fit


def test_former_flat_names_work_and_are_not_listed() -> None:
    assert ig.krugman is ig.integration.krugman
    assert ig.oster is ig.questions.oster
    assert ig.read_printed is ig.published.read_printed
    assert not {"krugman", "oster", "read_printed"} & set(dir(ig))
    with pytest.raises(AttributeError, match="no attribute 'krugmann'"):
        _ = ig.krugmann
    with pytest.raises(AttributeError, match=r"integrade\.questions has no attribute 'ostr'"):
        _ = ig.questions.ostr


@each("name", sorted(FUNCTIONS))
def test_no_signature_hides_its_options(name: str) -> None:
    kinds = {p.kind for p in inspect.signature(FUNCTIONS[name]).parameters.values()}
    assert inspect.Parameter.VAR_KEYWORD not in kinds


@each("name", sorted(SPELLED))
def test_every_option_is_a_keyword_with_its_default_and_is_described(name: str) -> None:
    function = SPELLED[name]
    shown = inspect.signature(function).parameters
    own = next(h for n, h in get_type_hints(function, localns={"pl": pl}).items() if n == "options")
    kind = next(k for k in own.__args__ if dataclasses.is_dataclass(k))
    text = inspect.getdoc(function) or ""
    for field in dataclasses.fields(kind):
        assert field.name in shown
        assert re.search(rf"(?m)^\s+.*\b{field.name}\b", text), field.name


RECORDS: dict[str, Any] = {n: getattr(ig.options, n) for n in dir(ig.options)}
RECORDS = {n: kind for n, kind in RECORDS.items() if dataclasses.is_dataclass(kind)}
RECORDS |= {f"fit, {q.name}": q.flags.options for q in questions() if q.flags}


@each("name", sorted(RECORDS))
def test_every_option_of_a_record_has_a_description_of_its_own(name: str) -> None:
    """A heading that slipped into the text of the option before it left an option without help."""
    described = {key: option.about for key, option in options_of(RECORDS[name]).items()}
    assert [key for key, about in described.items() if not about.strip()] == []


def test_choices_and_defaults_are_those_of_the_options() -> None:
    shown = inspect.signature(ig.fit).parameters
    assert get_origin(shown["vcov"].annotation) is Literal
    assert shown["vcov"].default == "auto"
    assert "Covariance of the coefficients" in (ig.fit.__doc__ or "")
    assert inspect.signature(ig.questions.randomisation).parameters["cluster"].default == "region"
    assert inspect.signature(ig.questions.romano_wolf_family).parameters["wild"].default == 9999
    assert inspect.signature(ig.questions.cluster_report).parameters["cluster"].default == "region"


def test_every_shown_keyword_is_taken() -> None:
    """What the signature promises of a question, the function accepts: each option by name with its default."""
    rows = pl.DataFrame(
        {"firm": [1, 1, 2, 2, 3, 3], "year": [1, 2] * 3, "y": [1.0, 2, 4, 3, 5, 7], "x": [0.0, 1, 1, 3, 2, 2]}
    )
    for function in (ig.fit, ig.fit_many):
        options = {
            p.name: p.default
            for p in inspect.signature(function).parameters.values()
            if p.kind is inspect.Parameter.KEYWORD_ONLY and p.default is not p.empty
        }
        assert function(rows, "y ~ x | firm", **options)


def test_the_decorator_leaves_the_function_and_prefers_its_own_parameters() -> None:
    @dataclasses.dataclass(frozen=True)
    class Own:
        """Options.

        Parameters
        ----------
        level
            Of something.
        seed
            Of draws.
        """

        level: float = 0.9
        seed: int = 1

    def plain(seed: int = 7, options: Own | None = None, **changes: Any) -> Any:
        """Say what came."""
        return seed, options, changes

    made: Callable[..., Any] = keywords(Own, level=0.5)(plain)
    assert made is plain
    assert made(3, level=2) == (3, None, {"level": 2})
    shown = inspect.signature(made).parameters
    assert (shown["seed"].default, shown["level"].default) == (7, 0.5)
    assert list(shown) == ["seed", "options", "level"]
    assert made.__doc__ == (
        "Say what came.\n\nOptions, by name or as one Own:\n\n"
        "    level\n        Of something.\n    seed\n        Of draws."
    )


def test_measures_keep_their_docstring_apart() -> None:
    for record in CATALOGUE.values():
        assert record.doc
        assert "Options, by name" not in record.doc
        assert (record.function.__doc__ or "").startswith(inspect.cleandoc(record.doc))


def test_every_option_and_result_class_is_exported() -> None:
    for name, function in FUNCTIONS.items():
        for where, hint in get_type_hints(function, localns={"pl": pl}).items():
            for kind in (hint, *getattr(hint, "__args__", ())):
                if where == "options" and dataclasses.is_dataclass(kind):
                    assert getattr(ig.options, kind.__name__) is kind, name
                if where == "return" and dataclasses.is_dataclass(kind) and name.startswith("questions."):
                    assert getattr(ig.results, kind.__name__) is kind, name


def test_import_costs_nothing() -> None:
    said = "import sys, integrade; dir(integrade); print(sorted({'polars', 'numpy', 'duckdb'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
