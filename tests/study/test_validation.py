"""`run` refuses what `check` refuses, with the same words, before any step; what `check` passes does not fail.

The prices of a study of the index are broken in every way of `mutations.PRICES_BROKEN`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest

import studies
from each import each
from integrade.cli import run as command
from integrade.errors import IntegradeError, Problems
from integrade.study import validation
from integrade.study.run import Request, check_study, run_study
from integrade.study.template_parts import write_kind
from mutations import PRICES_BROKEN


@pytest.fixture(scope="module")
def index_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of the index alone, not run."""
    root = tmp_path_factory.mktemp("index")
    write_kind(root, "index")
    studies.edit(root, ('["html", "docx", "pdf", "tex", "md"]', '["md"]'))
    return root


def broken(study: Path, tmp_path: Path, way: str) -> Path:
    """The study with its prices broken in one way."""
    root = tmp_path / "broken"
    shutil.copytree(study, root)
    change, edits = PRICES_BROKEN[way]
    change(pl.read_csv(root / "raw" / "prices.csv")).write_csv(root / "raw" / "prices.csv")
    studies.edit(root, *edits)
    return root


def run_refused(root: Path) -> tuple[str, ...]:
    """What a run of the study refuses; nothing where it ends well."""
    try:
        run_study(root, Request(), tell=lambda _: None)
    except Problems as several:
        return tuple(map(str, several.problems))
    except IntegradeError as problem:
        return (str(problem),)
    return ()


@each("way", PRICES_BROKEN)
def test_run_and_check_refuse_the_same(index_study: Path, tmp_path: Path, way: str) -> None:
    root = broken(index_study, tmp_path, way)
    found = tuple(map(str, check_study(root)[0]))
    assert run_refused(root) == found
    store = root / ".integrade"
    assert not found or not list(store.glob("*-*")), "a step ran"


REFUSED = [
    ("months, whose basis is declared", "D231|U100|D230", "month"),
    ("pairs share too few goods", "D206", "at most 3 of 10 are in both, and the index needs 6"),
    ("no differences", "D209", "segmentation is zero"),
]


@pytest.mark.parametrize(("way", "code", "words"), REFUSED, ids=[one[0] for one in REFUSED])
def test_an_index_of_nothing_is_refused_with_its_cause(
    index_study: Path, tmp_path: Path, way: str, code: str, words: str
) -> None:
    (found,) = check_study(broken(index_study, tmp_path, way))[0]
    assert found.code in code.split("|")
    assert words in found.what
    assert found.remedy
    assert found.what.startswith("study.toml:")


def test_an_index_that_is_mostly_missing_is_a_warning_with_its_share(index_study: Path, tmp_path: Path) -> None:
    root = tmp_path / "missing"
    shutil.copytree(index_study, root)
    prices = root / "raw" / "prices.csv"
    rows = pl.read_csv(prices)
    one_good = pl.col("State").str.starts_with("北京") & (pl.col("Item") != "粮食")
    rows.filter(~one_good).write_csv(prices)
    found, account = check_study(root)
    assert found == ()
    (said,) = [e.reason for e in account if "values of the index will be missing" in e.reason]
    years = rows["Year"].n_unique()
    assert f"{years} of {years * rows['State'].n_unique()} values of the index will be missing (3%)" in said
    assert "1 region has none (Beijing)" in said


def test_years_that_the_measure_leaves_out_are_missing_from_the_index(index_study: Path, tmp_path: Path) -> None:
    root = tmp_path / "thin"
    shutil.copytree(index_study, root)
    prices = root / "raw" / "prices.csv"
    rows = pl.read_csv(prices)
    years, goods = sorted(rows["Year"].unique()), sorted(rows["Item"].unique())
    rows.filter((pl.col("Year") <= years[2]) | (pl.col("Item") == goods[0])).write_csv(prices)
    studies.edit(root, ("[integration]", '[integration]\nthin = "leave_out"'))
    found, account = check_study(root)
    assert found == (), found
    warned = [e.reason for e in account if e.kind == "warning"]
    assert any(getattr(reason, "key", "") == "integration.thin-periods" for reason in warned)
    (said,) = [reason for reason in warned if "values of the index will be missing" in reason]
    n, left = rows["State"].n_unique(), len(years) - 3
    assert f"{left * n} of {len(years) * n} values of the index" in said


def test_three_goods_are_an_index_whose_reliability_is_left_out(index_study: Path, tmp_path: Path) -> None:
    root = broken(index_study, tmp_path, "three goods")
    studies.edit(root, ("[report]", '[report]\nshape = "full"'))
    done = run_study(root, Request(), tell=lambda _: None)
    assert done is not None
    assert any("the reliability of the index is not reported: 3 goods" in warning for warning in done.warnings)
    report = "".join(
        (done.folder / "report" / name).read_text(encoding="utf-8") for name in ("report.md", "appendix.md")
    )
    assert "the reliability of the index is not reported: 3 goods" in report
    assert "Spearman-Brown" not in report


def test_what_was_found_sound_is_not_read_again(index_study: Path, tmp_path: Path) -> None:
    root = tmp_path / "twice"
    shutil.copytree(index_study, root)
    calls = list[str]()

    def counting(*args: object, **options: object) -> object:
        calls.append(str(args[0]))
        return read(*args, **options)

    read: Callable[..., object] = validation.read_source
    with patch.object(validation, "read_source", counting):
        for force in (None, "report"):
            run_study(root, Request(force=force), tell=lambda _: None)
        studies.edit(root, ('title = "', 'title = "Another '))
        run_study(root, Request(), tell=lambda _: None)
    assert calls == ["prices"]


ALIKE = pl.DataFrame(
    [(r, y, g, 101.0) for r in "ABCDE" for y in (2004, 2005) for g in ("food", "fuel", "wood")],
    schema=["region", "year", "commodity", "index"],
    orient="row",
)
FEW = ALIKE.with_columns(index=pl.col("index") + pl.int_range(pl.len()) % 7).filter(
    (pl.col("region") == "A") | (pl.col("commodity") != "wood")
)


@each("level", ["region", "pair", "nation"])
@each(("prices", "code"), [(ALIKE, "D209"), (FEW, "D206")], ids=["alike", "few"])
def test_a_table_without_a_value_is_an_error_and_no_output(
    tmp_path: Path, prices: pl.DataFrame, code: str, level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    prices.write_csv(tmp_path / "prices.csv")
    out = tmp_path / "index.csv"
    given = [str(tmp_path / "prices.csv"), "--basis", "link", "--level", level, "--out", str(out)]
    assert command(["integration", *given]) == 1
    assert code in capsys.readouterr().err
    assert not out.exists()


def test_values_that_are_missing_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ALIKE.with_columns(index=pl.col("index") + pl.int_range(pl.len()) % 7)
    rows.filter((pl.col("region") != "A") | (pl.col("commodity") == "food")).write_csv(tmp_path / "prices.csv")
    given = [str(tmp_path / "prices.csv"), "--basis", "link", "--out", str(tmp_path / "index.csv")]
    assert command(["integration", *given]) == 0
    assert "warning: integration missing: no pair of regions with enough goods" in capsys.readouterr().err
    assert pl.read_csv(tmp_path / "index.csv")["integration"].null_count() == 2
