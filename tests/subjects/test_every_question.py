"""What holds of every question, by its record: its type, its place, its words, order of rows, honest needs."""

from __future__ import annotations

import ast
import inspect
import json
import math
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

import integrade
import report_example as example
from each import each
from integrade.engine.frames import Table
from integrade.errors import UsageError
from integrade.records import needs
from integrade.records.question import HOUSE, Question, is_at, question
from integrade.sources.files.headings import Known
from integrade.study.asked import Asked, ask
from integrade.study.checking import Facts, refused
from integrade.study.config import study_model
from integrade.study.loaded import load_run
from integrade.study.printed import all_tables
from integrade.study.reading import load, read_draft
from integrade.study.records import read_as, to_json
from integrade.study.stored_results import results_from
from integrade.subjects import questions
from studies import STUDY_WIDE, run_folder

EVERY = questions()
ON_ROWS = [q for q in EVERY if q.name not in STUDY_WIDE]
FEW: dict[str, dict[str, Any]] = {
    "mediation": {"draws": 20},
    "groups": {"permutations": 9},
    "inference": {"randomisation": 19},
    "noise": {"simex": 4, "pipeline": 4, "samples": 2},
    "robustness": {"checks": ["balanced", "winsor", "weights"]},
    "shape": {"curve": 5},
}
"""Options that make a question quick."""


def one(name: str) -> Question:
    return next(q for q in EVERY if q.name == name)


def test_places_and_names_are_apart() -> None:
    assert len({q.place for q in EVERY}) == len({q.name for q in EVERY}) == len(EVERY)


def test_every_table_of_a_report_is_at_a_declared_place_of_one_owner(short_study: Path) -> None:
    """Those of no question are at places of integrade; a plugin is compared with all of them when it is loaded."""
    stored = load_run(short_study).results
    made = [all_tables(each) for each in (stored, example.study(), replace(example.study(), preset="published"))]
    places = {table.place for tables in made for table in tables}
    assert len(places) >= 20
    owners = {place: [q.name for q in EVERY if is_at(place, q.places)] for place in places}
    assert {place for place, names in owners.items() if len(names) + is_at(place, HOUSE) != 1} == set()
    for tables in made:
        assert len({table.number for table in tables}) == len(tables)


@each("q", EVERY, ids=lambda q: q.name)
def test_a_question_says_what_it_asks(q: Question) -> None:
    assert q.about.endswith("?"), "its first line is the question"
    assert all(callable(getattr(integrade.questions, name, None) or getattr(integrade, name)) for name in q.functions)
    for name, field in q.options.model_fields.items() if q.options else ():
        assert name == "run" or field.description, name


@each("q", [q for q in EVERY if q.options], ids=lambda q: q.name)
def test_its_example_is_its_section(q: Question) -> None:
    given = tomllib.loads(q.example)
    assert set(given) == {q.name}
    sections = given[q.name] if q.several else [given[q.name]]
    for section in sections:
        q.options.model_validate(section)
        if "run" in q.options.model_fields:
            with pytest.raises(ValidationError):
                q.options.model_validate({**section, "run": "perhaps"})
    assert q.name in study_model().model_fields


def test_a_name_is_taken_once() -> None:
    def other() -> None: ...

    with pytest.raises(UsageError, match="already"):
        question("lags", place=1, result=None)(other)


@pytest.fixture(scope="module")
def asked(whole_study: Path) -> Asked:
    """The whole study's rows, a third of its firms, every question with few draws."""
    tables = run_folder(whole_study) / "tables"
    results = results_from((tables / "results.json").read_text(encoding="utf-8"))
    study = load(whole_study)
    changes: dict[str, Any] = {"regression": study.regression.model_copy(update={"wild": 19})}
    for name, few in FEW.items():
        section = study.section(name)
        made = [s.model_copy(update=few) for s in (section if isinstance(section, tuple) else (section,))]
        changes[name] = tuple(made) if isinstance(section, tuple) else made[0]
    for q in EVERY:
        if not q.offered:  # a new study file has it as a comment
            changes[q.name] = q.options.model_validate(tomllib.loads(q.example)[q.name])
    named = ["quality", "market", *study.regression.controls]
    rows = pl.read_parquet(tables / "panel.parquet").drop_nulls(named)
    rows = rows.filter(pl.col("firm").hash(1) % 3 == 0)
    series = pl.read_parquet(tables / "integration.parquet").select("region", "year", market="integration")
    prices = Table("prices", pl.read_parquet(tables / "prices.parquet"), conformed="prices")
    formula = results.benchmark[-1].headline.formula
    quality = pl.read_parquet(tables / "quality_rows.parquet")
    return Asked(study.model_copy(update=changes), rows, formula, series, whole_study, prices, quality)


def found(q: Question, asked: Asked) -> Any:
    """The answer of a question as plain JSON."""
    answer = ask(q, asked, asked.study.section(q.name))
    assert answer.found, answer.said
    return json.loads(to_json({"found": answer.found}))["found"]


@pytest.mark.parametrize("name", [q.name for q in ON_ROWS])
def test_it_finds_what_it_promises(name: str, asked: Asked) -> None:
    """A record of the declared type, which comes back from JSON as it was."""
    plain = found(one(name), asked)
    again = read_as(one(name).result, plain)
    assert json.loads(to_json({"found": again}))["found"] == plain


def same(a: Any, b: Any, place: str = "") -> None:
    """Equal to rounding: sums in another order move the last digits, iterations a little more."""
    if isinstance(a, float) and isinstance(b, float):
        assert math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9), f"{place}: {a} {b}"
    elif isinstance(a, dict) and isinstance(b, dict):
        assert set(a) == set(b), place
        for key in a:
            same(a[key], b[key], f"{place}.{key}")
    elif isinstance(a, list) and isinstance(b, list):
        assert len(a) == len(b), place
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            same(x, y, f"{place}[{i}]")
    else:
        assert a == b, place


@pytest.mark.parametrize("name", [q.name for q in ON_ROWS])
def test_neither_order_nor_names_of_firms_matter(name: str, asked: Asked) -> None:
    def moved(rows: pl.DataFrame) -> pl.DataFrame:
        mixed = rows.sample(fraction=1.0, shuffle=True, seed=5)
        return mixed.with_columns("F-" + pl.col("firm").cast(pl.String)) if "firm" in rows.columns else mixed

    assert asked.prices is not None
    assert asked.rows is not None
    assert asked.series is not None
    prices = Table("prices", moved(asked.prices.polars()), conformed="prices")
    other = asked._replace(
        sample=moved(asked.sample), series=moved(asked.series), prices=prices, rows=moved(asked.rows)
    )
    before, after = (json.dumps(found(one(name), a)).replace("F-", "") for a in (asked, other))
    same(json.loads(before), json.loads(after))


def of_panel(q: Question) -> list[str]:
    """The columns of the panel that its section needs whatever its options are."""
    named = [need for need in getattr(q.options, "needs", ()) if isinstance(need, needs.Columns) and need.of == "panel"]
    return [column for need in named for column in need.names]


@pytest.mark.parametrize("q", [q for q in EVERY if q.options and of_panel(q)], ids=lambda q: q.name)
def test_a_missing_need_is_told_before_anything_is_read(q: Question, whole_study: Path) -> None:
    """Without a column that its section needs, `check` has a coded error at its line."""
    draft = read_draft(whole_study)
    assert draft.study is not None
    facts = Facts(draft.study, whole_study, {"panel": Known({"nothing": "text"})})
    told = [str(problem) for problem in refused(draft, facts)]
    for column in of_panel(q):
        assert any(f"[{q.name}]" in line and repr(column) in line and "study.toml:" in line for line in told), told


def names_in(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


@each("q", EVERY, ids=lambda q: q.name)
def test_no_answer_uses_what_prints_it(q: Question) -> None:
    """What its function reaches in its file takes nothing from the rooms that judge and print: their changes do not
    run it again.
    """
    source = Path(str(inspect.getsourcefile(q.function))).read_text(encoding="utf-8")
    tree = ast.parse(source)
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    telling = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(("integrade.report", "integrade.verdicts"))
        for alias in node.names
    }
    waiting, reached = [q.function.__name__], set[str]()
    while waiting:
        name = waiting.pop()
        if name in functions and name not in reached:
            reached.add(name)
            body = ast.Module(functions[name].body, [])  # without the decorator, which names what prints
            waiting += names_in(body)
            assert not names_in(body) & telling, name
            inside = [n.module for n in ast.walk(body) if isinstance(n, ast.ImportFrom)]
            assert [m for m in inside if str(m).startswith(("integrade.report", "integrade.verdicts"))] == []
    assert reached
