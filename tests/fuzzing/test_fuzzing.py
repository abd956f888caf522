"""A short, fixed slice of ``make fuzz``, drawn by hypothesis, and whether the campaign sees what it is there for."""

from __future__ import annotations

import contextlib
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from each import each
from fuzzing import campaign, cases, known, seeds
from fuzzing.cases import TARGETS, Target, outcome
from integrade.engine.frames import Table
from integrade.errors import IntegradeError
from plainwords.account import Account

ALLOWED = ("result", "refused")
EXAMPLES = {
    "files": 12,
    "study": 10,
    "keys": 12,
    "store": 4,
    "formula": 60,
    "where": 40,
    "printed": 60,
    "documents": 40,
    "macros": 60,
    "calls": 15,
    "frames": 30,
    "known": 25,
    **dict.fromkeys(("filters", "formulas", "numbers", "periods", "escapes", "secrets", "seals", "settings"), 150),
    **dict.fromkeys(("options", "names", "honest"), 100),
}


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a campaign."""
    os.environ["FUZZ_FOLDER"] = str(tmp_path_factory.mktemp("fuzz"))
    yield Path(os.environ["FUZZ_FOLDER"])
    del os.environ["FUZZ_FOLDER"]
    cases.study_text.cache_clear()
    cases.small_study.cache_clear()
    cases.finished.cache_clear()


def fine(name: str, data: bytes) -> None:
    found = outcome(name, data, Path(mkdtemp(dir=os.environ["FUZZ_FOLDER"])))
    assert found.kind in ALLOWED, f"{name} {found.kind} {found.told}\n{data[:300]!r}\n{found.text}"


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_results_and_coded_errors(name: str) -> None:
    @settings(
        max_examples=EXAMPLES.get(name, 15),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**40))
    def run(seed: int) -> None:
        fine(name, TARGETS[name].make(random.Random(seed)))

    run()


@pytest.mark.parametrize("name", ["formula", "where", "printed"])
def test_any_text_is_read_or_refused(name: str) -> None:
    """Texts that hypothesis draws, without a seed to start from."""
    signs = st.sampled_from(
        [*"~|+-*:^()[]`\"'=<>,. \n", "x", "y", "and", "or", "not", "in", "is", "1", "ln", "é", "\0"]
    )

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(st.lists(st.one_of(signs, st.text(max_size=3)), max_size=20).map("".join))
    def run(text: str) -> None:
        fine(name, text.encode("utf-8", errors="replace"))

    run()


@each("text", seeds.FORMULAS, ids=range(len(seeds.FORMULAS)))
def test_every_seed_of_a_formula(text: str) -> None:
    fine("formula", text.encode())


@each("text", seeds.FILTERS, ids=range(len(seeds.FILTERS)))
def test_every_seed_of_a_filter(text: str) -> None:
    fine("where", text.encode())


@each("text", seeds.PRINTED, ids=range(len(seeds.PRINTED)))
def test_every_seed_of_a_printed_table(text: str) -> None:
    fine("printed", text.encode())


@each("kind", cases.TYPES, ids=str)
@each("name", ["region", "year", "commodity", "index"])
def test_a_column_of_any_type_is_taken_or_refused(name: str, kind: object) -> None:
    """Every canonical column of prices with every type of column, extreme and missing values in it."""
    import integrade as ig

    prices = seeds.ROWS.unique(["region", "year", "commodity"], maintain_order=True)
    odd = cases.column(random.Random(1), kind, prices.height).alias(name)
    with contextlib.suppress(IntegradeError):
        ig.relative_price(prices.with_columns(odd), basis="link")


def test_a_study_in_any_encoding_of_the_world_says_the_same() -> None:
    from integrade.study.reading import load

    root = Path(os.environ["FUZZ_FOLDER"]) / "study"
    text = cases.study_text().replace("A study", "某省市场一体化与出口质量研究，区域价格指数与企业面板数据。A study", 1)
    said = set()
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        (root / "encoded.toml").write_bytes(text.encode(encoding))
        said.add(load(root / "encoded.toml").model_dump_json())
    assert len(said) == 1


class Told(IntegradeError):
    """A refusal of a test."""


def _broken(data: bytes, _: Path) -> None:
    if b"wrong" in data:
        raise known.Wrong("value", "1 is 2")
    if b"bad" in data:
        raise RuntimeError("bad")
    if b"no" in data:
        raise Told("no")
    if b"stop" in data:
        os.abort()
    while b"long" in data:
        pass


def test_the_campaign_sees_each_kind_of_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(TARGETS, "broken", Target(1, lambda _: b"", _broken, "nothing"))  # type: ignore[arg-type]
    told = {word: outcome("broken", word, tmp_path).kind for word in (b"fine", b"no", b"bad", b"wrong")}
    assert told == {b"fine": "result", b"no": "refused", b"bad": "traceback", b"wrong": "wrong"}
    assert outcome("broken", b"bad", tmp_path).told == "RuntimeError at outside"
    assert campaign.smaller("broken", b"a long and bad input", tmp_path) == b"bad"


def test_a_case_is_the_same_every_time() -> None:
    assert [cases.case(3, n) for n in range(20)] == [cases.case(3, n) for n in range(20)]


def rows(*values: float | None) -> Table:
    frame = pl.DataFrame(
        {"region": "A", "year": 2000, "commodity": [f"c{i}" for i in range(len(values))], "index": values}
    )
    return Table("prices", frame, Account())


def test_the_oracle_finds_what_is_wrong_and_nothing_else() -> None:
    truth = [("A", 2000, "c0", 101.5), ("A", 2000, "c1", 99.0)]
    plain = known.Spoilt([["A", "2000", "c0", "101.5"], ["A", "2000", "c1", "99"]], None, ())
    known.check(truth, plain, rows(101.5, 99.0), "fine")
    for found in (rows(101.5, 98.0), rows(101.5), rows(101.5, None), rows(101.5, 99.0, 7.0)):
        with pytest.raises(known.Wrong):
            known.check(truth, plain, found, "wrong")
    touched = known.Spoilt([["A", "2000", "c0", "1,234"], ["A", "2000", "c1", "99"]], 0, (1234.0, 1.234))
    known.check(truth, touched, rows(1.234, 99.0), "either")
    with pytest.raises(known.Wrong):
        known.check(truth, touched, rows(1.0, 99.0), "neither")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="watched by /proc")
def test_a_campaign_counts_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "HANG", 60.0)
    with TemporaryDirectory() as made:
        monkeypatch.setenv("FUZZ_FOLDER", made)
        cases.study_text.cache_clear()
        found = campaign.campaign(5, 45, 1, "formula", Path(made))
    inputs = sum(n for key, n in found.counts.items() if not key.endswith("microseconds"))
    assert inputs >= 50
    assert not found.failures, campaign.report(found)
    assert campaign.report(found).startswith(f"{inputs:,} inputs: no failure")
    assert f"| formula | {inputs:,} |" in campaign.report(found)
