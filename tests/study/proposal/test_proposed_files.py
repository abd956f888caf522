"""From a folder of untidy files to a study that passes `integrade check` and reads what the files hold."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xlsxwriter

from basis_files import Economy, simulate
from foreign_files import LANGUAGES, REGIONS, truth, workbook, write_study_files
from integrade.cli import run
from integrade.sources import READERS, Reading
from integrade.sources.meaning.money import unit_named
from integrade.study.inputs import files_of
from integrade.study.propose import Guess, propose
from integrade.study.reading import load

ACCOUNTS = ("assets", "liabilities", "net_profit", "inventory")
KEYS = {
    "prices": ["region", "year", "commodity"],
    "customs": ["firm", "product", "destination", "year"],
    "firms": ["firm", "year"],
    "covariates": ["region", "year"],
}


def by_table(guesses: tuple[Guess, ...]) -> dict[str, Guess]:
    return {g.table: g for g in guesses}


@pytest.mark.parametrize(
    "language", [one if one in ("en", "zh") else pytest.param(one, marks=pytest.mark.slow) for one in LANGUAGES]
)
def test_files_of_every_language_become_a_study_that_passes_the_checks(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_study_files(tmp_path / "raw", language)
    out = tmp_path / "study"
    found = by_table(propose(tmp_path / "raw", out))
    assert set(found) == {"prices", "customs", "firms", "covariates"}
    assert run(["check", str(out)]) == 0, capsys.readouterr()
    study = load(out)
    sources = {
        "prices": study.prices,
        "customs": study.customs,
        "firms": study.firms,
        "covariates": study.covariates[0],
    }
    for table, source in sources.items():
        assert source is not None
        read = READERS[table](list(files_of(source, out)), options=source.reading()).polars()
        right = truth()["research" if table == "covariates" else table]
        scale = unit_named(LANGUAGES[language].unit).scale
        right = right.with_columns(pl.col(c) * scale for c in ACCOUNTS if c in right.columns)
        if table == "covariates":
            extra = next(n for n in read.columns if n not in ("region", "year"))
            read = read.rename({extra: "rd"})
        assert read.height == right.height
        for name in right.columns:
            if name in read.columns:
                assert read.sort(KEYS[table])[name].to_list() == right.sort(KEYS[table])[name].to_list(), (table, name)
        assert set(right.columns) <= set(read.columns)
    text = (out / "study.toml").read_text(encoding="utf-8")
    assert study.firms is not None
    assert study.firms.units == dict.fromkeys(ACCOUNTS, LANGUAGES[language].unit)
    assert "# certain: the headings state it; values become single units" in text
    assert study.regression.controls == ["scale", "roa", "rdebt"]
    assert "# left out: age, which needs founded" in text
    assert "state" not in str(tomllib.loads(text)).replace("State", "") or language == "en"
    assert study.section("groups") == ()


@pytest.fixture
def untidy(tmp_path: Path) -> Path:
    """Files of which something must be asked: FOB and CIF, codes beside names, firms as numbers with lost zeros."""
    raw = tmp_path / "raw"
    raw.mkdir()
    tables = truth()
    number = pl.col("firm").str.slice(3).str.zfill(6)
    customs = tables["customs"].with_columns(number.str.zfill(8).alias("firm"), (pl.col("value") * 1.1).alias("cif"))
    customs.rename(
        {
            "firm": "Exporter ID",
            "product": "HS code",
            "destination": "Country",
            "year": "Year",
            "value": "FOB value (USD)",
            "cif": "CIF value (USD)",
            "quantity": "Quantity (kg)",
        }
    ).write_csv(raw / "exports.csv")
    firms = tables["firms"].with_columns(number.cast(pl.Int64).alias("firm"))
    code = pl.col("region").replace_strict({r: k + 1 for k, r in enumerate(REGIONS)}, return_dtype=pl.Int64)
    firms = firms.select(
        pl.col("firm").alias("Company ID"),
        code.alias("State code"),
        pl.col("region").alias("State"),
        pl.col("year").alias("FY"),
        pl.col("assets").alias("Total assets ($)"),
        pl.col("liabilities").alias("Total liabilities ($)"),
        pl.col("net_profit").alias("Net profit ($)"),
        (pl.col("year") - 20).alias("Year established"),
    )
    workbook(raw / "accounts.xlsx", firms, "Accounts")
    prices = tables["prices"].rename({"region": "State", "year": "Year", "commodity": "Item", "index": "CPI"})
    prices.write_csv(raw / "cpi.csv")
    return raw


def test_a_share_of_firms_says_that_it_is_of_the_first_rows(untidy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrade.study.proposal.meeting.ROWS", 10)
    propose(untidy, untidy.parent / "study")
    text = (untidy.parent / "study" / "study.toml").read_text(encoding="utf-8")
    assert "# 90 of 90 firms of customs are in firms, in the first 20,000 rows of each file" in text


def test_what_files_do_not_tell_is_asked_at_the_head(untidy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = untidy.parent / "study"
    found = by_table(propose(untidy, out))
    assert set(found) == {"prices", "customs", "firms"}
    text = (out / "study.toml").read_text(encoding="utf-8")
    head = text.partition("title =")[0]
    assert "# TO ANSWER:" in head
    assert '"CIF value (USD)" = "value"' in head
    assert '# "CIF value (USD)" = "value"   # in place of the FOB value' in text.partition("title =")[2]
    assert "3 columns in $: which currency and scale is that?" in head
    assert "sigma" in head
    raw = tomllib.loads(text)
    assert raw["firms"]["columns"]["State"] == "region"
    assert "State code" not in raw["firms"]["columns"]
    assert raw["firms"]["pad"] == {"firm": 8}, "the numbers of the accounts have lost the zeros of the customs"
    assert "# 90 of 90 firms of customs are in firms (once [firms] has its zeros back)" in text
    assert raw["regression"]["controls"] == ["scale", "age", "roa", "rdebt"]
    assert run(["check", str(out)]) == 0, capsys.readouterr()


def test_currencies_around_numbers_are_units_of_the_proposed_study(
    untidy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    firms = truth()["firms"].with_columns(pl.col("firm").str.slice(3).cast(pl.Int64))
    names = dict(zip(firms.columns, LANGUAGES["en"].firms, strict=True))
    plain = firms.rename({c: names[c].removesuffix(" (RM'000)") for c in firms.columns})
    cells = [pl.format("RM {}", pl.col(c).round(2)).alias(c) for c in plain.columns[5:]]
    signed = plain.with_columns(cells)
    workbook(untidy / "accounts.xlsx", signed, "Accounts")
    out = untidy.parent / "study"
    propose(untidy, out)
    raw = tomllib.loads((out / "study.toml").read_text(encoding="utf-8"))
    assert raw["firms"]["units"] == dict.fromkeys(ACCOUNTS, "MYR")
    assert raw["customs"]["units"] == {"value": "USD"}
    assert run(["check", str(out)]) == 0, capsys.readouterr()
    other = [
        pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("$5")).otherwise(pl.col("Total assets")).alias("Total assets")
    ]
    workbook(untidy / "accounts.xlsx", signed.with_columns(other), "Accounts")
    propose(untidy, untidy.parent / "again")
    head = (untidy.parent / "again" / "study.toml").read_text(encoding="utf-8").partition("title =")[0]
    assert "amounts in several currencies: $, MYR" in head


def test_a_scale_that_only_some_headings_tell_is_asked(untidy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    firms = truth()["firms"].rename(dict(zip(truth()["firms"].columns, LANGUAGES["en"].firms, strict=True)))
    workbook(untidy / "accounts.xlsx", firms.rename({"Net profit (RM'000)": "Net profit"}), "Accounts")
    out = untidy.parent / "study"
    propose(untidy, out)
    head = (out / "study.toml").read_text(encoding="utf-8").partition("title =")[0]
    assert "the headings of net_profit state no unit: is it the same?" in head
    assert 'net_profit = "thousand MYR", added to units' in head
    assert run(["check", str(out)]) == 1
    assert "D242" in capsys.readouterr().err


def test_codes_that_do_not_meet_are_asked(untidy: Path) -> None:
    path = untidy / "exports.csv"
    exports = pl.read_csv(path, infer_schema=False)
    exports.with_columns(pl.concat_str(pl.lit("X"), "Exporter ID").alias("Exporter ID")).write_csv(path)
    propose(untidy, untidy.parent / "study")
    text = (untidy.parent / "study" / "study.toml").read_text(encoding="utf-8")
    head = text.partition("title =")[0]
    assert "firms of customs and firms hardly meet: 0 of 90" in head
    assert "[links]" in head
    assert "# 0 of 90 firms of customs are in firms" in text


def test_the_column_that_other_files_have_is_taken(untidy: Path) -> None:
    path = untidy / "cpi.csv"
    names = pl.read_csv(path)
    codes = {r: k + 1 for k, r in enumerate(REGIONS)}
    names.with_columns(pl.col("State").replace_strict(codes, return_dtype=pl.Int64)).write_csv(path)
    propose(untidy, untidy.parent / "study")
    raw = tomllib.loads((untidy.parent / "study" / "study.toml").read_text(encoding="utf-8"))
    assert raw["firms"]["columns"]["State code"] == "region", "the prices have the codes of states, not their names"


def test_a_folder_of_prices_alone_is_a_study_of_the_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = truth()["prices"].with_columns(pl.col("region").replace({"Terengganu": "Trengganu"}))
    rows = rows.with_columns(pl.format("{}-01-01", "year").alias("date")).drop("year")
    (tmp_path / "raw").mkdir()
    rows.rename({"region": "State", "commodity": "Item", "index": "CPI"}).write_csv(tmp_path / "raw" / "cpi.csv")
    out = tmp_path / "study"
    propose(tmp_path / "raw", out)
    text = (out / "study.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    assert not {"customs", "firms", "quality", "regression"} & set(raw)
    assert raw["prices"]["columns"]["date"] == "year"
    assert raw["geography"] == {"country": "MY"}
    assert run(["check", str(out)]) == 0, capsys.readouterr()


def test_slips_in_names_of_regions_are_written_as_aliases_and_asked(tmp_path: Path) -> None:
    rows = truth()["prices"].with_columns(pl.col("region").replace({"Selangor": "Selanger"}))
    (tmp_path / "raw").mkdir()
    rows.rename({"region": "Negeri", "year": "Tahun"}).write_csv(tmp_path / "raw" / "cpi.csv")
    propose(tmp_path / "raw", tmp_path / "study")
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["geography"] == {"country": "MY", "aliases": {"Selanger": "Selangor"}}
    assert "are these typing errors?" in text.partition("title =")[0]


def test_the_country_among_its_regions_is_not_asked_for_and_names_meet_in_any_spelling(tmp_path: Path) -> None:
    write_study_files(tmp_path / "raw", "en")
    prices = truth()["prices"].with_columns(pl.col("region").replace({"Melaka": "Malacca", "Selangor": "MY-10"}))
    nation = prices.filter(pl.col("region") == "Johor").with_columns(region=pl.lit("Malaysia"))
    names = dict(zip(prices.columns, LANGUAGES["en"].prices, strict=True))
    (tmp_path / "raw" / "prices.xlsx").unlink()
    pl.concat([nation, prices]).rename(names).write_csv(tmp_path / "raw" / "prices.csv")
    propose(tmp_path / "raw", tmp_path / "study")
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    assert "'Malaysia'" not in text
    assert '"Malaysia"' not in text
    assert "# 10 of 10 regions of firms are in prices" in text


def test_unclear_numbers_are_asked_with_the_keys_that_answer(untidy: Path) -> None:
    path = untidy / "exports.csv"
    exports = pl.read_csv(path, infer_schema=False).with_columns(pl.lit("1,234").alias("Quantity (kg)"))
    exports.write_csv(path)
    propose(untidy, untidy.parent / "study")
    text = (untidy.parent / "study" / "study.toml").read_text(encoding="utf-8")
    head, _, body = text.partition("title =")
    assert "may be thousands or decimals" in head
    assert 'decimal = ","' in head
    assert '# decimal = "."' in body


def test_records_of_exports_without_firms_are_customs(tmp_path: Path) -> None:
    rows = truth()["customs"].drop("firm").unique(["product", "destination", "year"], maintain_order=True)
    (tmp_path / "raw").mkdir()
    numbers = {"SGP": 741, "THA": 776, "CHN": 160, "JPN": 399, "USA": 249, "DEU": 23}
    brazilian = {
        "product": "CO_NCM",
        "destination": "CO_PAIS",
        "year": "CO_ANO",
        "value": "VL_FOB",
        "quantity": "KG_LIQUIDO",
    }
    rows = rows.with_columns(pl.col("destination").replace_strict(numbers), pl.lit("SP").alias("SG_UF_NCM"))
    rows.rename(brazilian).write_csv(tmp_path / "raw" / "EXP_2010.csv", separator=";")
    (found,) = propose(tmp_path / "raw", tmp_path / "study")
    assert (found.table, found.rows, found.years) == ("customs", rows.height, "2010-2015")
    head = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8").partition("title =")[0]
    assert "no column identifies firms" in head


def test_prices_whose_goods_are_numbered_are_prices(tmp_path: Path) -> None:
    codes = {good: f"{k + 1:02d}" for k, good in enumerate(truth()["prices"]["commodity"].unique().sort().to_list())}
    rows = truth()["prices"].with_columns(
        pl.col("commodity").replace(codes), pl.format("{}-01-01", "year").alias("date")
    )
    (tmp_path / "raw").mkdir()
    rows.select("region", "date", "commodity", "index").rename({"region": "state", "commodity": "division"}).write_csv(
        tmp_path / "raw" / "cpi_2d_state.csv"
    )
    (found,) = propose(tmp_path / "raw", tmp_path / "study")
    assert (found.table, found.why) == ("prices", "")
    assert found.choice is not None
    assert found.choice.renamed == {"state": "region", "date": "year", "division": "commodity"}


def test_files_under_the_same_headings_whose_years_are_apart_are_one_table(untidy: Path) -> None:
    exports = pl.read_csv(untidy / "exports.csv", infer_schema=False)
    (untidy / "exports.csv").unlink()
    exports.filter(pl.col("Year") < "2013").write_csv(untidy / "exports first half.csv")
    exports.filter(pl.col("Year") >= "2013").write_csv(untidy / "later exports.csv")
    found = [g for g in propose(untidy, untidy.parent / "study") if g.table == "customs"]
    assert [len(g.files) for g in found] == [2]
    assert found[0].years == "2010-2015"


def test_a_copy_of_a_file_is_asked_and_not_put_below_it(untidy: Path) -> None:
    (untidy / "cpi of states.csv").write_bytes((untidy / "cpi.csv").read_bytes())
    found = [g for g in propose(untidy, untidy.parent / "study") if g.table == "prices"]
    assert [len(g.files) for g in found] == [1, 1]
    text = (untidy.parent / "study" / "study.toml").read_text(encoding="utf-8")
    assert "[prices] 2 tables look like it" in text.partition("title =")[0]


def test_years_across_are_covariates_called_as_their_file(untidy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wide = truth()["research"].pivot("year", index="region", values="rd").rename({"region": "State"})
    wide.write_csv(untidy / "rd_spending.csv")
    out = untidy.parent / "study"
    found = by_table(propose(untidy, out))
    assert found["covariates"].layout == {"values": "rd_spending"}
    assert load(out).covariates[0].layout == {"values": "rd_spending"}
    assert run(["check", str(out)]) == 0, capsys.readouterr()


def test_the_basis_of_prices_is_told_or_asked(untidy: Path) -> None:
    out = untidy.parent / "study"
    assert by_table(propose(untidy, out))["prices"].basis == "link"
    assert "# basis: link, detected from the data" in (out / "study.toml").read_text(encoding="utf-8")
    short = pl.read_csv(untidy / "cpi.csv").filter(pl.col("Year") <= 2011)
    short.write_csv(untidy / "cpi.csv")
    assert by_table(propose(untidy, untidy.parent / "again"))["prices"].basis == "unknown"
    file = untidy.parent / "again" / "study.toml"
    said = file.read_text(encoding="utf-8")
    assert "[prices] basis" in said.partition("title =")[0]
    assert 'basis = "fixed"' in said.partition("title =")[0]
    assert "year_on_year" not in said
    answered = said.replace('# basis = "link"', 'basis = "link"')
    assert tomllib.loads(answered)["prices"]["basis"] == "link"
    file.write_text(answered, encoding="utf-8")
    assert run(["check", str(file.parent)]) == 0


@pytest.mark.parametrize(
    ("heading", "who"), [("index", "detected from the data"), ("CPI (2010=100)", "stated in the file")]
)
def test_who_says_the_basis_of_prices(untidy: Path, heading: str, who: str) -> None:
    """Rates are called so, though 100 is added when they are read."""
    basis = "rate year on year" if heading == "index" else "fixed"
    file = simulate(np.random.default_rng(2), basis.replace(" ", "_"), Economy(12, 48, 6, 6, inflation=0.03))
    file.rows().rename({"index": heading}).write_csv(untidy / "cpi.csv")
    out = untidy.parent / "study"
    propose(untidy, out)
    assert f"# basis: {basis}, {who} (docs/basis.md)" in (out / "study.toml").read_text(encoding="utf-8")


def test_the_noise_of_the_index_stands_ready_as_a_comment(untidy: Path) -> None:
    out = untidy.parent / "study"
    propose(untidy, out)
    said = (out / "study.toml").read_text(encoding="utf-8")
    assert load(out).integration == {}
    usual = load(out).section("noise")
    assert (usual.halves, usual.simex, usual.pipeline) == (20, 0, 0)  # verdicts are corrected without the section
    asked = said.replace("# [noise]   #", "[noise]   #").replace('# se = "jackknife"', 'se = "jackknife"')
    (out / "study.toml").write_text(asked, encoding="utf-8")
    assert load(out).section("noise").simex == 100
    assert load(out).integration == {"se": "jackknife"}
    assert run(["check", str(out)]) == 0


def test_prices_of_several_bases_are_asked_for_the_years_of_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = simulate(np.random.default_rng(2), "mixed", Economy(12, 96, 6, 8, inflation=0.03))
    (tmp_path / "raw").mkdir()
    file.rows().write_csv(tmp_path / "raw" / "cpi.csv")
    propose(tmp_path / "raw", tmp_path / "study")
    said = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    insisted = '#       basis = "one_base"\n'
    assert f"#       where = 'year >= 1995'\n#       where = 'year < 1994'\n{insisted}" in said
    for answer in ("where = 'year >= 1995'", 'basis = "one_base"'):
        answered = said.replace("\n# where = 'year >= 1995'", f"\n{answer}")
        (tmp_path / "study" / "study.toml").write_text(answered, encoding="utf-8")
        assert run(["check", str(tmp_path / "study"), "-v"]) == 0
    assert "price basis set by the user: one_base" in capsys.readouterr().err


MONTHS = ("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro")
MONTHS += ("outubro", "novembro", "dezembro")


def monthly_rates(folder: Path) -> None:
    """Changes on the month before by metropolitan area and group, as Brazil's office of statistics has them."""
    draw, lines = np.random.default_rng(5), ["Mês;Região Metropolitana;Grupo;Variação mensal (%)"]
    for t in range(72):
        common = draw.normal(0.4, 0.4, 8)
        for area in ("Belém", "Fortaleza", "Recife", "Salvador", "Belo Horizonte", "Curitiba"):
            for good, change in zip(range(8), common + draw.normal(0, 0.35, 8), strict=True):
                cells = (f"{MONTHS[t % 12]} {2012 + t // 12}", area, f"Grupo {good}", f"{change:.2f}".replace(".", ","))
                lines.append(";".join(cells))
    (folder / "ipca_rm.csv").write_text("\n".join(lines), encoding="latin-1")


def test_monthly_rates_below_a_heading_month_become_years(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "raw").mkdir()
    monthly_rates(tmp_path / "raw")
    assert run(["new", str(tmp_path / "study"), "--from", str(tmp_path / "raw")]) == 0
    said = (tmp_path / "study/study.toml").read_text(encoding="utf-8")
    assert tomllib.loads(said)["prices"]["columns"] == {
        "Região Metropolitana": "region",
        "Mês": "year",
        "Grupo": "commodity",
        "Variação mensal (%)": "index",
    }
    assert "to_year = true   # monthly changes are chained into years" in said
    assert "TO ANSWER" not in said
    capsys.readouterr()
    assert run(["check", str(tmp_path / "study"), "-v"]) == 0
    checked = capsys.readouterr().err
    assert "rates of change converted to indices (100 + rate)" in checked
    assert (  # six years alone would not tell
        "note: price basis stated in the file: link (previous period = 100)" in checked
    )


def several_measures(folder: Path) -> None:
    """Indices and changes one below the other, in the headings of SDMX, as many offices offer them."""
    draw, level, lines = np.random.default_rng(7), {}, ["REF_AREA,TIME_PERIOD,COICOP,MEASURE,OBS_VALUE"]
    for t in range(60):
        when = f"{2012 + t // 12}-{t % 12 + 1:02d}"
        for area in ("Aceh", "Bali", "Banten", "Jambi", "Riau", "Lampung"):
            for good in ("CP01", "CP03", "CP04", "CP06", "CP07"):
                change = 0.0 if t == 0 else 0.003 + draw.normal(0, 0.006)
                level[area, good] = level.get((area, good), 100.0) * np.exp(change)
                lines.append(f"{area},{when},{good},Index,{level[area, good]:.1f}")
                lines.append(f"{area},{when},{good},Percentage change,{100 * change:.1f}")
    (folder / "cpi.csv").write_text("\n".join(lines), encoding="utf-8")


def test_a_column_that_tells_repeated_keys_apart_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "raw").mkdir()
    several_measures(tmp_path / "raw")
    assert run(["new", str(tmp_path / "study"), "--from", str(tmp_path / "raw")]) == 0
    file = tmp_path / "study/study.toml"
    said = file.read_text(encoding="utf-8")
    assert """#       where = 'MEASURE == "Percentage change"'""" in said
    assert "to_year = true" in said
    assert run(["check", str(tmp_path / "study")]) != 0
    answer = """where = 'MEASURE == "Index"'"""
    assert f"MEASURE distinguishes them (Index, Percentage change): keep one, {answer}" in capsys.readouterr().err
    file.write_text(said.replace(f"\n# {answer}", f"\n{answer}"), encoding="utf-8")
    assert run(["check", str(tmp_path / "study")]) == 0, capsys.readouterr().err


STATES = ("Aguascalientes", "Chihuahua", "Jalisco", "Sonora", "Puebla", "Oaxaca")
GOODS = ("Vivienda", "Transporte", "Salud", "Alimentos, bebidas y tabaco", "Ropa, calzado y accesorios")
MONTHS = ("Ene", "Feb", "Mar", "Abr", "May", "Jun", "Jul", "Ago", "Sep", "Oct", "Nov", "Dic")


def _levels() -> np.ndarray:
    """Levels by month from 2014 on, region and good, that wander: 100 in the first month."""
    steps = np.random.default_rng(1).normal(0.002, 0.004, (60, len(STATES), len(GOODS)))
    return 100 * np.exp(np.cumsum(steps, axis=0) - steps[0])


def test_one_file_per_good_is_prices_by_the_names_of_the_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, out, levels = tmp_path / "raw", tmp_path / "study", _levels()
    raw.mkdir()
    for g, good in enumerate(GOODS):
        rows = [f"{MONTHS[t % 12]} {2014 + t // 12},{','.join(f'{v:.3f}' for v in levels[t, :, g])}" for t in range(60)]
        (raw / f"{good}.csv").write_text("\n".join([f"Periodo,{','.join(STATES)}", *rows, ""]), encoding="utf-8")
    (found,) = propose(raw, out)
    assert (found.table, len(found.files), found.layout) == ("prices", len(GOODS), {"files": "commodity"})
    assert run(["check", str(out)]) == 0, capsys.readouterr()
    study = load(out)
    assert study.prices is not None
    read = READERS["prices"](list(files_of(study.prices, out)), options=study.prices.reading()).polars()
    assert set(read["commodity"]) == set(GOODS)
    assert set(read["region"]) == set(STATES)


PROVINCES = ("北京", "天津", "河北", "山西")
YEARBOOK_GOODS = ("食品", "家具", "燃料")


def _good(name: str, years: range, title: str) -> str:
    """One file of a yearbook: a title, what 100 is, and one column per year."""
    numbers = np.random.default_rng(len(name) + years[0]).normal(100, 2, (len(PROVINCES), len(years)))
    rows = [f"{p},{','.join(f'{v:.1f}' for v in row)}" for p, row in zip(PROVINCES, numbers, strict=True)]
    return "\n".join([title, "上年=100", f"地区,{','.join(f'{y}年' for y in years)}", *rows, ""])


def _one_file_per_good(raw: Path, years: range, basis: str = "上年=100") -> None:
    raw.mkdir(exist_ok=True)
    for good in YEARBOOK_GOODS:
        text = _good(good, years, f"{good}类商品零售价格指数").replace("上年=100", basis)
        (raw / f"{good}.csv").write_text(text, encoding="gb18030")


def test_one_file_per_good_with_years_across_is_prices_if_it_states_its_basis(tmp_path: Path) -> None:
    _one_file_per_good(tmp_path / "raw", range(2006, 2012))
    (found,) = propose(tmp_path / "raw", tmp_path / "study")
    assert (found.table, len(found.files), found.layout) == ("prices", len(YEARBOOK_GOODS), {"files": "commodity"})


def test_numbers_by_region_in_one_file_each_are_no_prices(tmp_path: Path) -> None:
    _one_file_per_good(tmp_path / "raw", range(2006, 2012), basis="单位：亿元")
    assert [g.table for g in propose(tmp_path / "raw", tmp_path / "study")] == ["covariates"] * len(YEARBOOK_GOODS)


def test_prices_that_continue_in_another_layout_are_one_table(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    _one_file_per_good(raw, range(2006, 2012))
    numbers = np.random.default_rng(2).normal(100, 2, (6, len(PROVINCES), len(YEARBOOK_GOODS))).round(1)
    with xlsxwriter.Workbook(str(raw / "2000-2005.xlsx")) as book:
        for year, of_year in zip(range(2000, 2006), numbers, strict=True):
            sheet = book.add_worksheet(f"{year}年")
            sheet.write_row(0, 0, [f"各地区商品零售价格分类指数（{year}年）（上年=100）"])
            sheet.write_row(1, 0, ["地区", *YEARBOOK_GOODS])
            for at, (province, row) in enumerate(zip(PROVINCES, of_year, strict=True), 2):
                sheet.write_row(at, 0, [province, *row])
    (found,) = propose(raw, tmp_path / "study")
    assert (found.table, len(found.files), found.years) == ("prices", 1 + len(YEARBOOK_GOODS), "2000-2011")
    study = load(tmp_path / "study")
    assert study.prices is not None
    read = READERS["prices"](list(files_of(study.prices, tmp_path / "study")), options=study.prices.reading())
    assert read.polars().height == 12 * len(PROVINCES) * len(YEARBOOK_GOODS)


SURVEY = "法人代码,企业名称,行业代码,省地县码,开工时间,总资产,负债合计,利润总额,从业人员"


def _survey(raw: Path, year: int, headings: str = SURVEY) -> None:
    raw.mkdir(exist_ok=True)
    rows = [
        f"{i:08d}X,企业{i},1751,{11 + i % 2}0101,{1900 + 97 * i % 101},{5000 + i},{2000 + i},{37 * i},30"
        for i in range(1, 25)
    ]
    (raw / f"工企{year}.csv").write_text("\n".join([headings, *rows, ""]), encoding="gb18030")


def test_a_survey_whose_years_are_in_the_names_of_its_files_is_accounts(tmp_path: Path) -> None:
    for year in (2001, 2002):
        _survey(tmp_path / "raw", year)
    (found,) = propose(tmp_path / "raw", tmp_path / "study")
    assert (found.table, found.source, found.layout, found.years) == ("firms", "asif", {"files": "year"}, "2001-2002")
    files = sorted((tmp_path / "raw").iterdir())
    read = READERS["firms"](files, options=Reading(source=found.source, layout=found.layout)).polars()
    assert read.group_by("year").len().sort("year").rows() == [(2001, 24), (2002, 24)]
    assert set(read["region"]) == {"北京", "天津"}
    assert read["assets"].min() == 5_001_000, "the survey is in thousands of yuan"


def test_accounts_of_no_known_source_take_the_year_of_their_names(tmp_path: Path) -> None:
    for year in (2001, 2002):
        _survey(tmp_path / "raw", year, "firm,name,industry,county,founded,assets,liabilities,net_profit,employees")
    (found,) = propose(tmp_path / "raw", tmp_path / "study", kind="study")
    assert (found.table, found.source, found.layout) == ("firms", "", {"files": "year"})


def test_accounts_whose_names_have_no_year_are_no_accounts(tmp_path: Path) -> None:
    _survey(tmp_path / "raw", 2001)
    (tmp_path / "raw" / "工企2001.csv").rename(tmp_path / "raw" / "工企.csv")
    assert all(g.table != "firms" for g in propose(tmp_path / "raw", tmp_path / "study", kind="study"))


def test_two_files_of_other_headings_are_not_taken_for_goods(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in ("Vivienda", "Transporte"):
        rows = "".join(f"Ene {year},1.5,2.5,3.5\n" for year in range(2014, 2018))
        (raw / f"{name}.csv").write_text(f"Periodo,a,b,{name}\n{rows}", encoding="utf-8")
    assert [g.table for g in propose(raw, tmp_path / "study")] == ["", ""]


@pytest.fixture
def rates_by_year(tmp_path: Path) -> Path:
    """Rates on the month of last year, one file per year with months across."""
    raw, levels = tmp_path / "raw", _levels()
    raw.mkdir()
    rates = 100 * (levels[12:] / levels[:-12] - 1)
    assert (rates < 0).any()
    for year in range(2015, 2019):
        own = rates[12 * (year - 2015) : 12 * (year - 2014)]
        rows = [
            f'{state},"{good}",{",".join(f"{v:.2f}" for v in own[:, s, g])}'
            for s, state in enumerate(STATES)
            for g, good in enumerate(GOODS)
        ]
        head = f"Entidad federativa,Concepto,{','.join(f'{m} {year}' for m in MONTHS)}"
        (raw / f"inpc_{year}.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return raw


def test_rates_of_change_of_one_file_per_year_are_prices(
    rates_by_year: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = rates_by_year.parent / "study"
    (found,) = propose(rates_by_year, out)
    assert (found.table, len(found.files)) == ("prices", 4)
    assert "to_year = true" in (out / "study.toml").read_text(encoding="utf-8")
    assert run(["check", str(out)]) == 0, capsys.readouterr()


def test_rates_of_one_file_that_does_not_tell_their_basis_are_prices_and_asked_for(rates_by_year: Path) -> None:
    for year in range(2016, 2019):
        (rates_by_year / f"inpc_{year}.csv").unlink()
    out = rates_by_year.parent / "study"
    (found,) = propose(rates_by_year, out)
    assert (found.table, [p.code for p in found.problems]) == ("prices", ["D230"])
    text = (out / "study.toml").read_text(encoding="utf-8")
    assert 'basis = "rate_year_on_year"' in text
    assert "to_year = true" in text


def test_slips_in_a_later_file_of_a_layout_are_asked(rates_by_year: Path) -> None:
    third = rates_by_year / "inpc_2017.csv"
    third.write_text(third.read_text(encoding="utf-8").replace("Sonora", "Sonra"), encoding="utf-8")
    out = rates_by_year.parent / "study"
    propose(rates_by_year, out)
    text = (out / "study.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["geography"] == {"country": "MX", "aliases": {"Sonra": "Sonora"}}
    assert "are these typing errors?" in text.partition("title =")[0]


def test_slips_in_a_later_file_of_a_table_are_asked(tmp_path: Path) -> None:
    rows = truth()["prices"].rename({"region": "Negeri", "year": "Tahun"})
    (tmp_path / "raw").mkdir()
    for n, years in enumerate(rows.partition_by("Tahun", maintain_order=True)):
        wrong = years.with_columns(pl.col("Negeri").replace({"Selangor": "Selanger"})) if n == 2 else years
        wrong.write_csv(tmp_path / "raw" / f"cpi_{2000 + n}.csv")
    propose(tmp_path / "raw", tmp_path / "study")
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["geography"] == {"country": "MY", "aliases": {"Selanger": "Selangor"}}


@pytest.mark.parametrize(
    "head", ["Periodo,Entidad federativa,Concepto,Índice", "Período,Unidade da federação,Conceito,Índice"]
)
def test_goods_under_the_heading_concept_are_prices(head: str, tmp_path: Path) -> None:
    raw, levels = tmp_path / "raw", _levels()
    raw.mkdir()
    rows = [
        f'{MONTHS[t % 12]} {2014 + t // 12},{state},"{good}",{levels[t, s, g]:.3f}'
        for t in range(60)
        for s, state in enumerate(STATES)
        for g, good in enumerate(GOODS)
    ]
    (raw / "inpc.csv").write_text("\n".join([head, *rows, "", '"Fuente: INEGI"', ""]), encoding="utf-8")
    (found,) = propose(raw, tmp_path / "study")
    assert (found.table, found.problems) == ("prices", ())


def test_sigma_is_asked_for_only_where_it_is_used(untidy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for preset, asked in (("sound", True), ("published", False), ("complete", False)):
        out = untidy.parent / preset
        run(["new", str(out), "--from", str(untidy), "--preset", preset])
        head = (out / "study.toml").read_text(encoding="utf-8").partition("title =")[0]
        assert ("[quality] sigma" in head) == asked, preset
    assert "sigma" not in capsys.readouterr().err


def test_accounts_that_are_there_twice_are_asked_for_with_the_line_that_drops_them(untidy: Path) -> None:
    (untidy / "accounts.xlsx").unlink()
    firms = truth()["firms"]
    pl.concat([firms, firms.head(5)]).write_csv(untidy / "accounts.csv")
    out = untidy.parent / "study"
    propose(untidy, out)
    file = out / "study.toml"
    text = file.read_text(encoding="utf-8")
    assert "firms has more than one row" in text.partition("title =")[0]
    assert '\nduplicates = "drop"   # they are the same in every column: one of them is kept' in text
    accounts = load(out).section("firms")
    assert accounts is not None
    assert accounts.duplicates == "drop"


def test_customs_of_later_years_under_other_headings_are_one_table(tmp_path: Path) -> None:
    """Names, formats and headings of the files change between years; months are numbers such as 200405."""
    raw = tmp_path / "raw"
    raw.mkdir()
    heading = "年月,进出口,企业编码,企业名称,商品编码,商品数量,计量单位,金额(美元),起运国或目的国,贸易方式"
    rows = [
        f"2004{1 + i % 12:02d},{'进口' if i % 9 == 0 else '出口'},{11000 + i % 60},企业{i % 60},{61091000 + i % 3},"
        f"{5 + i},件,{100 + i},{('美国', '日本', '德国')[i % 3]},一般贸易"
        for i in range(300)
    ]
    (raw / "海关2004.csv").write_text("\n".join([heading, *rows, ""]), encoding="gb18030")
    with xlsxwriter.Workbook(str(raw / "海关出口明细2012.xlsx")) as book:
        sheet = book.add_worksheet()
        head = [
            "日期",
            "进出口类型",
            "企业编码",
            "企业名称",
            "税号",
            "目的国",
            "第一数量",
            "第一计量单位",
            "美元值",
            "贸易方式",
        ]
        sheet.write_row(0, 0, head)
        for i in range(300):
            row = [f"2012-{1 + i % 12:02d}", "出口", str(11000 + i % 60), f"企业{i % 60}", str(61091000 + i % 3)]
            sheet.write_row(1 + i, 0, [*row, ("美国", "日本", "德国")[i % 3], 5 + i, "件", 100 + i, "一般贸易"])
    propose(raw, tmp_path / "study")
    source = load(tmp_path / "study").customs
    assert source is not None
    files = list(files_of(source, tmp_path / "study"))
    assert [path.name for path in files] == ["海关2004.csv", "海关出口明细2012.xlsx"]
    table = READERS["customs"](files, options=source.reading()).polars()
    assert sorted(table["year"].unique()) == [2004, 2012]
    assert table.height == 300 - 34 + 300
