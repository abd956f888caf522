"""Names that differ by what is no letter are one: invisible signs, accents written apart, blanks that do not break."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each, each_pair
from integrade.engine.frames import Engine
from integrade.errors import DuplicateKeys
from integrade.sources import read_canonical, read_table
from rawcells.cells.lettering import SUSPECT, lettered

NFD = unicodedata.normalize("NFD", "Zürich")
SIGNS = ["\u200b", "\ufeff", "\u00ad", "\u2060", "\u200e", "\u202a", "\u200d", "\ufe0f"]
CUSTOMS = ["firm", "product", "destination", "year", "value", "quantity"]


def customs(tmp_path: Path, kind: str, name: str, other: str) -> Path:
    columns = [["A", "A"], ["010121", "010121"], [name, other], [2004, 2004], [1.0, 2.0], [1.0, 1.0]]
    frame = pl.DataFrame(dict(zip(CUSTOMS, columns, strict=True)))
    path = tmp_path / f"c.{kind}"
    if kind == "parquet":
        frame.write_parquet(path)
    elif kind == "csv":
        frame.write_csv(path)
    elif kind == "xlsx":
        frame.write_excel(path)
    else:
        import pyreadstat

        pyreadstat.write_dta(frame.to_pandas(), str(path), version=14)
    return path


@each(
    ("kind", "engine"),
    [("parquet", "polars"), ("parquet", "duckdb"), ("csv", "polars"), ("xlsx", "polars"), ("dta", "polars")],
)
@each("name", [*(f"Zü{sign}rich" for sign in SIGNS), NFD, "\ufeffZürich"])
def test_one_market_by_two_spellings(name: str, kind: str, engine: Engine, tmp_path: Path) -> None:
    table = read_canonical("customs", customs(tmp_path, kind, "Zürich", name), engine=engine)
    assert set(table.polars()["destination"].to_list()) == {"Zürich"}
    if kind != "xlsx" or name != NFD:  # cells of workbooks are brought to one width of letters anyway
        assert "1 name of destination" in str(table.account)


def test_blanks_that_do_not_break_are_blanks(tmp_path: Path) -> None:
    table = read_canonical("customs", customs(tmp_path, "parquet", "South Africa", "South\u00a0Africa"))
    assert set(table.polars()["destination"].to_list()) == {"South Africa"}
    assert "'South<U+00A0>Africa' -> 'South Africa'" in str(table.account)


@each_pair(
    ("engine", ["polars", "duckdb"]),
    ("kind", ["csv", "xlsx", "parquet"]),
    ("blank", ["\u00a0", "\u2007", "\u202f", "\u3000"]),
)
def test_codes_of_digits_differ_by_no_blank(blank: str, kind: str, engine: Engine, tmp_path: Path) -> None:
    """`1 234` with a blank that does not break was another firm than `1 234`."""
    columns = {"firm": ["1 234", f"1{blank}234"], "year": [2004, 2005], "sales": [1.0, 2.0]}
    frame, path = pl.DataFrame(columns), tmp_path / f"f.{kind}"
    {"csv": frame.write_csv, "xlsx": frame.write_excel, "parquet": frame.write_parquet}[kind](path)
    table = read_canonical("firms", path, engine=engine)
    assert set(table.polars()["firm"].to_list()) == {"1 234"}
    assert "1 name of firm" in str(table.account)


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(
    st.text("0123456789 -/.,\u00a0\u2007\u202f\u3000", min_size=1, max_size=9).filter(
        lambda t: any(map(str.isdigit, t))
    )
)
def test_a_code_is_the_same_whatever_its_blanks(tmp_path_factory: pytest.TempPathFactory, code: str) -> None:
    path = tmp_path_factory.mktemp("t") / "f.csv"
    plain = re.sub("[\u00a0\u2007\u202f\u3000]", " ", code)
    path.write_text(f'firm,year,sales\n"{plain}",2004,1\n"{code}",2005,2\nA,2004,3\n', encoding="utf-8")
    assert read_canonical("firms", path).polars()["firm"].n_unique() == 2


def test_files_put_one_behind_the_other(tmp_path: Path) -> None:
    """Each began with a mark: that of the second stands before the name of a region."""
    first, second = "region,year,gdp_x\nBaden,2004,1\n", "Baden,2005,2\n"
    (tmp_path / "c.csv").write_bytes(first.encode("utf-8-sig") + second.encode("utf-8-sig"))
    table = read_canonical("covariates", tmp_path / "c.csv")
    assert table.polars()["region"].unique().to_list() == ["Baden"]
    assert "'<U+FEFF>Baden' -> 'Baden'" in str(table.account)


def test_a_filter_sees_the_name(tmp_path: Path) -> None:
    path = customs(tmp_path, "csv", "Zürich", NFD)
    assert read_canonical("customs", path, where='destination == "Zürich"').polars().height == 2


def test_provinces_and_repeated_keys_are_seen(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("region,year,x_y\n北京,2004,1\n北\u200b京,2004,2\n")
    with pytest.raises(DuplicateKeys):
        read_canonical("covariates", tmp_path / "f.csv")


def test_headings_too(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("region,year,ass\u200bets\nA,2004,1\n")
    assert "assets" in read_table(tmp_path / "f.csv").columns


def test_usual_text_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No name of a usual file is compared by itself: whether a cell has any sign beyond ASCII tells."""
    monkeypatch.setattr("rawcells.cells.lettering.lettered", lambda _: pytest.fail("compared"))
    for kind in ("parquet", "csv"):
        for one, other in (("USA", "JPN"), ("北京", "天津"), ("Zürich", "Bâle")):
            read_canonical("customs", customs(tmp_path, kind, one, other))


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8))
def test_what_would_change_is_always_suspected(text: str) -> None:
    changed = lettered(text)
    assert lettered(changed) == changed
    assert unicodedata.is_normalized("NFC", changed)
    if changed != text:
        assert pl.Series([text]).str.contains(SUSPECT)[0]


def test_every_sign_that_composes_is_suspected() -> None:
    odd = [c for c in map(chr, range(0x80, 0x30000)) if not unicodedata.is_normalized("NFC", c)]
    assert pl.Series(odd).str.contains(SUSPECT).all()
    letters = pl.Series(["Zürich", "北京", "Łódź", "서울", "Москва", "東京"])
    assert not letters.str.contains(SUSPECT).any()
