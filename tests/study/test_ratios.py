"""[[ratios]] of a study file: the column in the panel, its account, and what `check` says before any step."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from integrade.simulation import Economy
from integrade.study.run import Request, check_study, run_study
from integrade.study.template import write_economy
from plainwords.account import Account
from studies import run_folder

SECTIONS = """
[[covariates]]
files = ["raw/industry_rd.csv"]

[output]
files = ["raw/output.csv"]

[[ratios]]
name = "rd_intensity"
numerator = "spent"
denominator = "output.value"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study with research by two-digit industry and output by region and industry."""
    root = tmp_path_factory.mktemp("ratios")
    write_economy(root, Economy(n_firms=120, seed=3), "Ratios")
    firms = pl.from_arrow(_accounts(root))
    codes = sorted({str(c)[:2] for c in firms["industry"].drop_nulls()})  # type: ignore[index,call-overload]
    years = sorted(int(y) for y in set(firms["year"]))  # type: ignore[index,call-overload]
    rd = [(c, y, 1.0 + i + y - years[0]) for i, c in enumerate(codes[:-1]) for y in years]
    out = [
        (r, c, y, 0.0 if c == codes[0] else 40.0 + i)
        for r in ("Beijing", "Tibet")
        for i, c in enumerate(codes)
        for y in years
    ]
    pl.DataFrame(rd, schema=["industry", "year", "spent"], orient="row").write_csv(root / "raw" / "industry_rd.csv")
    names = ["region", "industry", "year", "value"]
    pl.DataFrame(out, schema=names, orient="row").write_csv(root / "raw" / "output.csv")
    file = root / "study.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("# The sections below are optional")] + SECTIONS, encoding="utf-8")
    return root


def _accounts(root: Path) -> object:
    from integrade.sources import read_firms

    return read_firms(str(root / "raw" / "firms.dta")).polars().to_arrow()


@pytest.mark.slow
def test_the_panel_has_the_ratio_of_sums(made: Path) -> None:
    assert check_study(made)[0] == ()
    run_study(made, Request(to="panel"), tell=lambda _: None)
    folder = run_folder(made) / "tables"
    panel = pl.read_parquet(folder / "panel.parquet")
    rd = pl.read_csv(made / "raw" / "industry_rd.csv", schema_overrides={"industry": pl.String})
    out = pl.read_csv(made / "raw" / "output.csv", schema_overrides={"industry": pl.String})
    spent = {(c, y): v for c, y, v in rd.iter_rows()}
    want = []
    for code, year in panel.select("industry", "year").iter_rows():
        whole = sum(v for _, c, y, v in out.iter_rows() if (c, y) == (code[:2], year))
        want.append(spent[code[:2], year] / whole if (code[:2], year) in spent and whole > 0 else None)
    found = panel["rd_intensity"].to_list()
    assert [v is None for v in found] == [v is None for v in want]
    assert [v for v in found if v is not None] == pytest.approx([v for v in want if v is not None], rel=1e-12)
    assert panel["rd_intensity"].n_unique() > 3
    assert panel["rd_intensity"].null_count() > 0
    account = (folder.parent / "account.txt").read_text(encoding="utf-8")
    assert "output.value (denominator of the ratio) zero or negative" in account
    assert "no spent (numerator of the ratio)" in account
    assert (
        "sum of covariates.spent / sum of output.value by industry, year (first 2 digits of industry codes)" in account
    )


@pytest.mark.parametrize(
    ("before", "after", "place", "meant"),
    [
        ('"spent"', '"spnet"', "[[ratios]] numerator: no column 'spnet' in output, firms, covariates", "spent"),
        ('"output.value"', '"output.valu"', "[[ratios]] denominator: no column 'output.valu'", "value"),
        (
            'denominator = "output.value"',
            'denominator = "output.industry"',
            "contains text, but numbers are required",
            "",
        ),
        (
            '"output.value"\n',
            '"output.value"\nby = ["industry"]\n',
            "[[ratios]] by: a ratio cannot be summed by industry",
            "",
        ),
        ('"output.value"\n', '"output.value"\nby = ["region", "year"]\n', "no column 'region', by which", ""),
        ('name = "rd_intensity"', 'name = "assets"', "column 'assets' is in both firms and ratios", ""),
        ("[[ratios]]", "[ratios]", "[ratios] is a list of sections", ""),
    ],
)
def test_check_sees_the_columns(made: Path, tmp_path: Path, before: str, after: str, place: str, meant: str) -> None:
    root = tmp_path / "changed"
    shutil.copytree(made, root, ignore=shutil.ignore_patterns("runs", ".integrade"))
    text = (root / "study.toml").read_text(encoding="utf-8")
    assert before in text
    (root / "study.toml").write_text(text.replace(before, after), encoding="utf-8")
    problems = check_study(root)[0]
    found = [p for p in problems if place in p.what]
    assert found, [str(p) for p in problems]
    assert f"did you mean {meant!r}" in found[0].remedy if meant else True


def test_a_regression_may_use_the_new_column(made: Path, tmp_path: Path) -> None:
    root = tmp_path / "changed"
    shutil.copytree(made, root, ignore=shutil.ignore_patterns("runs", ".integrade"))
    file = root / "study.toml"
    text = file.read_text(encoding="utf-8").replace('"rdebt", "fic"]', '"rdebt", "fic", "rd_intensity"]')
    assert 'rd_intensity"]' in text
    file.write_text(text, encoding="utf-8")
    problems, account = check_study(root)
    assert problems == ()
    assert isinstance(account, Account)
