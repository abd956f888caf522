"""One economy's prices as offices of many countries write them, at random: layout, encoding, numbers, dates, words.

`drawn` draws a `Plan`, `write` writes its file, `truth` is the table that a reader must find in it. A reader may ask
(an `IntegradeError` with a code) where the file does not tell; it may never find another table.
"""

from __future__ import annotations

import csv
import datetime
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter
from numpy.typing import NDArray

Cell = str | float | int | datetime.date | None


@dataclass(frozen=True)
class Language:
    """Headings, names and words of one country's office; every name is written so in its files."""

    region: tuple[str, ...]
    good: tuple[str, ...]
    year: tuple[str, ...]
    date: tuple[str, ...]
    index: tuple[str, ...]
    weight: str
    regions: tuple[str, ...]
    goods: tuple[str, ...]
    nation: str
    all_items: str
    months: tuple[str, ...]
    source: str
    encodings: tuple[str, ...]
    decimals: tuple[str, ...]


LANGUAGES: Mapping[str, Language] = {
    "en": Language(
        ("State", "Region"),
        ("Item", "Commodity"),
        ("Year",),
        ("Date", "Period"),
        ("Index", "Value"),
        "Weight",
        ("Johor", "Kedah", "Kelantan", "Melaka", "Pahang", "Perak", "Sabah"),
        ("Food and beverages", "Clothing and footwear", "Housing, water and fuels", "Health", "Transport", "Education"),
        "Malaysia",
        "All items",
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        "Source: Department of Statistics",
        ("utf-8", "utf-8-sig", "cp1252"),
        (".",),
    ),
    "es": Language(
        ("Región", "Estado"),
        ("Producto", "Rubro"),
        ("Año",),
        ("Fecha", "Periodo"),
        ("Índice", "Valor"),
        "Ponderación",
        ("Jalisco", "Nuevo León", "Querétaro", "Michoacán", "Yucatán", "Sonora", "Puebla"),
        ("Alimentos y bebidas", "Prendas de vestir y calzado", "Vivienda", "Salud", "Transporte", "Educación"),
        "Nacional",
        "Índice general",
        ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
        "Fuente: Instituto Nacional de Estadística",
        ("utf-8", "utf-8-sig", "cp1252"),
        (".", ","),
    ),
    "pt": Language(
        ("Região", "Estado"),
        ("Produto", "Item"),
        ("Ano",),
        ("Data", "Período"),
        ("Índice", "Valor"),
        "Peso",
        ("Bahia", "Ceará", "Goiás", "Pará", "Paraná", "São Paulo", "Minas Gerais"),
        ("Alimentação e bebidas", "Vestuário", "Habitação", "Saúde", "Transportes", "Educação"),
        "Brasil",
        "Índice geral",
        ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"),
        "Fonte: IBGE",
        ("utf-8", "utf-8-sig", "cp1252"),
        (",",),
    ),
    "fr": Language(
        ("Région",),
        ("Produit", "Poste"),
        ("Année",),
        ("Date", "Période"),
        ("Indice", "Valeur"),
        "Pondération",
        ("Bretagne", "Normandie", "Occitanie", "Grand Est", "Île-de-France", "Corse", "Centre-Val de Loire"),
        ("Alimentation", "Habillement et chaussures", "Logement", "Santé", "Transports", "Enseignement"),
        "France",
        "Ensemble",
        ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
        "Source : Insee",
        ("utf-8", "utf-8-sig", "cp1252"),
        (",",),
    ),
    "de": Language(
        ("Bundesland", "Region"),
        ("Produkt", "Gütergruppe"),
        ("Jahr",),
        ("Datum", "Zeitraum"),
        ("Index", "Wert"),
        "Gewicht",
        ("Bayern", "Hessen", "Sachsen", "Thüringen", "Brandenburg", "Saarland", "Niedersachsen"),
        ("Nahrungsmittel", "Bekleidung und Schuhe", "Wohnung", "Gesundheit", "Verkehr", "Bildung"),
        "Deutschland",
        "Gesamtindex",
        ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"),
        "Quelle: Statistisches Bundesamt",
        ("utf-8", "utf-8-sig", "cp1252"),
        (",",),
    ),
    "vi": Language(
        ("Tỉnh", "Địa phương"),
        ("Mặt hàng", "Nhóm hàng"),
        ("Năm",),
        ("Ngày", "Thời gian"),
        ("Chỉ số", "Giá trị"),
        "Quyền số",
        ("Hà Nội", "Đà Nẵng", "Hải Phòng", "Cần Thơ", "Lào Cai", "Nghệ An", "Cà Mau"),
        ("Lương thực", "May mặc, giày dép", "Nhà ở", "Y tế", "Giao thông", "Giáo dục"),
        "Cả nước",
        "Chỉ số chung",
        tuple(f"tháng {m}" for m in range(1, 13)),
        "Nguồn: Tổng cục Thống kê",
        ("utf-8", "utf-8-sig"),
        (",", "."),
    ),
    "id": Language(
        ("Provinsi", "Wilayah"),
        ("Komoditas", "Kelompok"),
        ("Tahun",),
        ("Tanggal", "Periode"),
        ("Indeks", "Nilai"),
        "Bobot",
        ("Aceh", "Bali", "Banten", "Gorontalo", "Jambi", "Lampung", "Maluku"),
        ("Makanan dan minuman", "Pakaian dan alas kaki", "Perumahan", "Kesehatan", "Transportasi", "Pendidikan"),
        "Indonesia",
        "Umum",
        ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
        "Sumber: BPS",
        ("utf-8", "utf-8-sig", "cp1252"),
        (",", "."),
    ),
    "zh": Language(
        ("地区", "省份"),
        ("项目", "商品"),
        ("年份",),
        ("日期", "时间"),
        ("指数", "数值"),
        "权重",
        ("北京", "上海", "内蒙古", "陕西", "山西", "四川", "湖北"),
        ("食品烟酒", "衣着", "居住", "医疗保健", "交通和通信", "教育文化和娱乐"),
        "全国",
        "总指数",
        tuple(f"{m}月" for m in range(1, 13)),
        "资料来源：国家统计局",
        ("utf-8", "utf-8-sig", "gb18030"),
        (".",),
    ),
}

LAYOUTS = ("long", "years_across", "goods_across", "regions_across", "sheets_by_good", "index_and_weight")
BASES = ("link", "fixed", "level", "rate", "year_on_year")
PERIODS: Mapping[str, tuple[str, ...]] = {
    "year": ("{y}", "{y}", "{y}/1/1", "{y}-12-31", "{y}年", "{y}/{n:02d}", "be", "number"),
    "quarter": ("{y}Q{q}", "Q{q} {y}", "{y}-Q{q}", "{y}年第{han}季度"),
    "month": (
        "{y}-{m:02d}",
        "{y}/{m}",
        "{y}M{m:02d}",
        "{y}{m:02d}",
        "{y}-{m:02d}-01",
        "01/{m:02d}/{y}",
        "{m:02d}/{last}/{y}",
        "{name} {y}",
        "{y}年{m}月",
        "excel",
        "columns",
    ),
}
"""How a period may be printed: year, quarter or month. ``be``: the Thai year; ``{n}``: a fiscal year 2010/11."""
GROUPINGS = ("", "", "", ",", ".", " ", "'", "\u00a0", "\u202f")


@dataclass(frozen=True)
class Plan:
    """How one file is written. ``period`` is one of `PERIODS` of the frequency."""

    seed: int
    language: str
    frequency: str
    basis: str
    layout: str
    container: str
    encoding: str
    separator: str
    decimal: str
    grouping: str
    period: str
    aggregates: bool
    titles: bool
    blanks: bool
    percent: bool


def drawn(seed: int) -> Plan:
    """A plan by its number; what excludes itself (a decimal comma in a file of commas is quoted) is drawn again."""
    pick = random.Random(seed)
    language = pick.choice(list(LANGUAGES))
    words = LANGUAGES[language]
    frequency = pick.choice(("year", "year", "quarter", "month"))
    basis = pick.choice([b for b in BASES if b != "year_on_year" or frequency != "year"])
    container = pick.choice(("csv", "csv", "xlsx", "tsv", "html", "parquet", "dta"))
    layout = pick.choice(LAYOUTS)
    if container in ("parquet", "dta"):
        layout = pick.choice(("long", "goods_across", "regions_across")) if container == "parquet" else "long"
    elif layout == "sheets_by_good":
        container = "xlsx"
    decimal = pick.choice(words.decimals)
    period = pick.choice(PERIODS[frequency])
    if period == "excel" and container != "xlsx":
        period = "{y}-{m:02d}"
    if period == "columns" and layout in ("years_across", "sheets_by_good", "index_and_weight"):
        period = "{y}-{m:02d}"
    return Plan(
        seed,
        language,
        frequency,
        basis,
        layout,
        container,
        pick.choice(words.encodings),
        "\t" if container == "tsv" else pick.choice((",", ";") if decimal == "." else (";", ";", ",")),
        decimal,
        pick.choice([g for g in GROUPINGS if g != decimal]) if basis == "level" else "",
        period,
        pick.random() < 0.4,
        pick.random() < 0.3,
        pick.random() < 0.3,
        basis == "rate" and pick.random() < 0.3,
    )


def periods(plan: Plan) -> list[tuple[int, int | None]]:
    """The years, or years and months, of the file; a quarter is its last month."""
    if plan.frequency == "year":
        return [(2008 + t, None) for t in range(12)]
    if plan.frequency == "quarter":
        return [(2012 + t // 4, 3 * (t % 4) + 3) for t in range(16)]
    return [(2014 + t // 12, t % 12 + 1) for t in range(30)]


def values(plan: Plan) -> NDArray[np.float64]:
    """What is printed, region x good x period, rounded as it is printed."""
    words, draw = LANGUAGES[plan.language], np.random.default_rng(plan.seed)
    n, k, step = len(words.regions), len(words.goods), {"year": 1, "quarter": 4, "month": 12}[plan.frequency]
    lag = step if plan.basis == "year_on_year" else 0
    t = len(periods(plan)) + max(lag, 1)
    drift = draw.choice([0.02, 0.03, 0.06, 0.1])
    common = draw.normal(drift / step, 0.02 / step**0.5, (1, k, t))
    change = common + draw.normal(0, 0.012 / step**0.5, (n, k, t))
    logs = np.cumsum(change, axis=2)
    if plan.basis == "link":
        return np.round(100 * np.exp(logs[:, :, 1:] - logs[:, :, :-1]), 1)
    if plan.basis == "rate":
        return np.round(100 * np.expm1(logs[:, :, 1:] - logs[:, :, :-1]), 1)
    if plan.basis == "year_on_year":
        return np.round(100 * np.exp(logs[:, :, lag:] - logs[:, :, :-lag]), 1)
    logs = logs[:, :, 1:]
    if plan.basis == "fixed":
        return np.round(100 * np.exp(logs - logs[:, :, 2:3]), 1)
    first = np.array([2.4, 38.0, 950.0, 61.0, 3.1, 4200.0])[:k]
    return np.round(first[None, :, None] * np.exp(draw.normal(0, 0.15, (n, k))[:, :, None] + logs), 2)


def truth(plan: Plan) -> pl.DataFrame:
    """region, year(, month), commodity, index as printed; aggregates and blanks are not in it."""
    words, cells, gone = LANGUAGES[plan.language], values(plan), _gone(plan)
    rows = [
        (region, *when, good, float(cells[i, j, t]))
        for i, region in enumerate(words.regions)
        for j, good in enumerate(words.goods)
        for t, when in enumerate(periods(plan))
        if (i, j, t) not in gone
    ]
    frame = pl.DataFrame(
        rows,
        schema={"region": pl.String, "year": pl.Int64, "month": pl.Int64, "commodity": pl.String, "index": pl.Float64},
        orient="row",
    )
    return frame if plan.frequency != "year" else frame.drop("month")


def _gone(plan: Plan) -> set[tuple[int, int, int]]:
    """A few cells without a value."""
    if not plan.blanks:
        return set()
    pick = random.Random(plan.seed + 1)
    words, t = LANGUAGES[plan.language], len(periods(plan))
    return {(pick.randrange(len(words.regions)), pick.randrange(len(words.goods)), pick.randrange(t)) for _ in range(4)}


def _number(plan: Plan, value: float, *, text: bool) -> Cell:
    """A number as the file prints it; in workbooks and typed files it is a number."""
    if not text:
        return value
    digits = 2 if plan.basis == "level" else 1
    whole, _, rest = f"{abs(value):,.{digits}f}".partition(".")
    printed = whole.replace(",", plan.grouping) + plan.decimal + rest
    return ("-" if value < 0 else "") + printed + ("%" if plan.percent else "")


def _period(plan: Plan, when: tuple[int, int | None]) -> Cell:
    year, month = when
    if plan.period == "number":
        return year
    if plan.period == "be":
        return f"พ.ศ. {year + 543}"
    if plan.period == "excel":
        return datetime.date(year, month or 1, 1)
    quarter = ((month or 1) - 1) // 3
    name = LANGUAGES[plan.language].months[(month or 1) - 1]
    following = (datetime.date(year, month or 1, 28) + datetime.timedelta(4)).replace(day=1)
    return plan.period.format(
        y=year,
        m=month or 1,
        q=quarter + 1,
        han="一二三四"[quarter],
        n=(year + 1) % 100,
        name=name,
        last=(following - datetime.timedelta(1)).day,
    )


MARKS = ("", "-", "..", "n.a.", "…")


def _with_totals(
    plan: Plan, cells: NDArray[np.float64], share: NDArray[np.float64]
) -> tuple[NDArray[np.float64], list[str], list[str]]:
    """The cells with a row of the nation and an index of all goods, where the plan has them; regions and goods."""
    words = LANGUAGES[plan.language]
    regions, goods = list(words.regions), list(words.goods)
    if not plan.aggregates:
        return cells, regions, goods
    every = np.concatenate([cells, np.round(cells.mean(axis=0, keepdims=True), 1)])
    if plan.basis != "level":
        whole = np.round(np.einsum("j,ijt->it", share, every), 1)[:, None, :]
        every, goods = np.concatenate([every, whole], axis=1), [*goods, words.all_items]
    return every, [*regions, words.nation], goods


def _tables(plan: Plan) -> list[tuple[str, list[list[Cell]]]]:
    """The sheets of the file: name and rows, the heading first."""
    words, cells, gone = LANGUAGES[plan.language], values(plan), _gone(plan)
    pick = random.Random(plan.seed + 2)
    text = plan.container in ("csv", "tsv", "html")
    mark = pick.choice(MARKS) if plan.container != "dta" and plan.container != "parquet" else None
    share = np.random.default_rng(plan.seed + 3).dirichlet(np.full(len(words.goods), 4.0))
    cells, regions, goods = _with_totals(plan, cells, share)

    def cell(i: int, j: int, t: int) -> Cell:
        if (i, j, t) in gone:
            return mark or None
        return _number(plan, float(cells[i, j, t]), text=text)

    when = periods(plan)
    region, good, index = pick.choice(words.region), pick.choice(words.good), pick.choice(words.index)
    year, date = pick.choice(words.year), pick.choice(words.date)
    split = plan.period == "columns"
    month = {"zh": "月份"}.get(plan.language, "Month") if plan.language in ("zh", "en") else _MONTH[plan.language]
    heads: list[Cell] = [year, month] if split else [year if plan.frequency == "year" else date]

    def stamp(t: int) -> list[Cell]:
        return [when[t][0], when[t][1]] if split else [_period(plan, when[t])]

    n, k, p = range(len(regions)), range(len(goods)), range(len(when))
    if plan.layout == "long":
        rows = [[regions[i], goods[j], *stamp(t), cell(i, j, t)] for i in n for j in k for t in p]
        return [("data", [[region, good, *heads, index], *rows])]
    if plan.layout == "years_across":
        rows = [[regions[i], goods[j], *(cell(i, j, t) for t in p)] for i in n for j in k]
        return [("data", [[region, good, *(stamp(t)[0] for t in p)], *rows])]
    if plan.layout == "goods_across":
        rows = [[regions[i], *stamp(t), *(cell(i, j, t) for j in k)] for i in n for t in p]
        return [("data", [[region, *heads, *goods], *rows])]
    if plan.layout == "regions_across":
        rows = [[goods[j], *stamp(t), *(cell(i, j, t) for i in n)] for j in k for t in p]
        return [("data", [[good, *heads, *regions], *rows])]
    if plan.layout == "sheets_by_good":
        return [
            (
                goods[j][:31],
                [[region, *(stamp(t)[0] for t in p)], *([regions[i], *(cell(i, j, t) for t in p)] for i in n)],
            )
            for j in k
        ]
    above: list[Cell] = [region, good]
    below: list[Cell] = [None, None]
    for t in p:
        above += [stamp(t)[0], None]
        below += [index, words.weight]
    weight = [_number(plan, round(float(w) * 1000, 1), text=text) for w in [*share, 1.0]]
    body: list[list[Cell]] = []
    for i in n:
        for j in k:
            row: list[Cell] = [regions[i], goods[j]]
            for t in p:
                row += [cell(i, j, t), weight[j]]
            body.append(row)
    return [("data", [above, below, *body])]


_MONTH = {"es": "Mes", "pt": "Mês", "fr": "Mois", "de": "Monat", "vi": "Tháng", "id": "Bulan"}


def write(plan: Plan, folder: Path) -> Path:
    """The file of a plan."""
    tables, words = _tables(plan), LANGUAGES[plan.language]
    path = folder / f"prices.{plan.container}"
    if plan.titles and plan.container in ("csv", "tsv", "xlsx", "html"):
        width = len(tables[0][1][0])
        title: list[Cell] = [f"{words.index[0]} ({words.nation})", *[None] * (width - 1)]
        foot: list[Cell] = [words.source, *[None] * (width - 1)]
        tables = [(name, [title, *rows, foot]) for name, rows in tables]
    if plan.container in ("csv", "tsv"):
        held = io.StringIO()
        csv.writer(held, delimiter=plan.separator, lineterminator="\n").writerows(
            [["" if c is None else c for c in row] for row in tables[0][1]]
        )
        path.write_bytes(_encoded(held.getvalue(), plan.encoding))
    elif plan.container == "xlsx":
        with xlsxwriter.Workbook(str(path)) as book:
            dated = book.add_format({"num_format": "yyyy-mm"})
            for name, rows in tables:
                sheet = book.add_worksheet(name)
                for i, row in enumerate(rows):
                    for j, c in enumerate(row):
                        if isinstance(c, datetime.date):
                            sheet.write_datetime(i, j, datetime.datetime.combine(c, datetime.time()), dated)
                        elif isinstance(c, str):
                            sheet.write_string(i, j, c)
                        elif c is not None:
                            sheet.write_number(i, j, c)
    elif plan.container == "html":
        lines = ["<tr>" + "".join(f"<td>{escape(_plain(c))}</td>" for c in row) + "</tr>" for row in tables[0][1]]
        path.write_text(f'<html><meta charset="utf-8"><table>{"".join(lines)}</table></html>', encoding="utf-8")
        path = path.rename(folder / "prices.xls")
    else:
        frame = _typed(tables[0][1])
        if plan.container == "parquet":
            frame.write_parquet(path)
        else:
            import pyreadstat

            underscored = frame.rename({c: c.replace(" ", "_") for c in frame.columns})
            pyreadstat.write_dta(underscored.to_pandas(), str(path), version=15)
    return path


def _encoded(text: str, encoding: str) -> bytes:
    """In the office's encoding; in UTF-8 where that lacks a character."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8")


def _plain(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _typed(rows: Sequence[Sequence[Cell]]) -> pl.DataFrame:
    """Rows as a frame of typed columns."""
    head, body = [str(c) for c in rows[0]], rows[1:]
    columns = {}
    for j, name in enumerate(head):
        held = [row[j] for row in body]
        number = all(isinstance(c, int | float) or c is None for c in held)
        as_text = pl.Series(name, [None if c is None else str(c) for c in held], dtype=pl.String)
        columns[name] = (
            as_text.cast(pl.Int64 if all(isinstance(c, int) for c in held) else pl.Float64) if number else as_text
        )
    return pl.DataFrame(columns)
