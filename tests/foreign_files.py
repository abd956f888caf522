"""One small study, four raw files, in the headings of nine languages: units, titles, other separators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import xlsxwriter

REGIONS = ("Johor", "Kedah", "Kelantan", "Melaka", "Pahang", "Perak", "Sabah", "Sarawak", "Selangor", "Terengganu")
GOODS = ("Food", "Clothing", "Housing", "Transport", "Health", "Education", "Recreation")
PRODUCTS = ("010121", "080390", "151190", "400122", "610910", "854231", "940360", "870899")
PARTNERS = ("SGP", "THA", "CHN", "JPN", "USA", "DEU")
YEARS = range(2010, 2016)


@dataclass(frozen=True)
class Language:
    """The headings of the four files in one language, in the order of `TRUTH`, and what their units are."""

    prices: Sequence[str]
    customs: Sequence[str]
    firms: Sequence[str]
    research: Sequence[str]
    titles: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    separator: str = ","


TRUTH: Mapping[str, Sequence[str]] = {
    "prices": ("region", "year", "commodity", "index"),
    "customs": ("firm", "product", "destination", "year", "value", "quantity"),
    "firms": ("firm", "name", "region", "industry", "year", "assets", "liabilities", "net_profit", "inventory"),
    "research": ("region", "year", "rd"),
}

LANGUAGES: Mapping[str, Language] = {
    "en": Language(
        ("State", "Year", "Item", "CPI (previous year = 100)"),
        ("Company ID", "HS code", "Country of destination", "Year", "FOB value (USD)", "Quantity (kg)"),
        (
            *("Company ID", "Company name", "State", "Sector code", "Financial year", "Total assets (RM'000)"),
            *("Total liabilities (RM'000)", "Net profit (RM'000)", "Inventories (RM'000)"),
        ),
        ("State", "Year", "R&D intensity (%)"),
        {"prices": "Consumer price index by state", "firms": "Annual accounts of exporters"},
        "thousand MYR",
    ),
    "es": Language(
        ("Entidad federativa", "Año", "Rubro", "Índice (año anterior = 100)"),
        ("RFC", "Fracción arancelaria", "País de destino", "Año", "Valor FOB US$", "Cantidad (kg)"),
        (
            *("RFC", "Razón social", "Estado", "Rama de actividad", "Ejercicio", "Activo total (miles de dólares)"),
            *("Pasivo total (miles de dólares)", "Utilidad neta (miles de dólares)", "Inventarios (miles de dólares)"),
        ),
        ("Estado", "Año", "Gasto en I+D (%)"),
        {"prices": "Índice nacional de precios al consumidor por entidad", "firms": "Estados financieros"},
        "thousand USD",
        ";",
    ),
    "pt": Language(
        ("Unidade da Federação", "Ano", "Grupo", "Número-índice"),
        ("CNPJ", "Código NCM", "País de destino", "Ano", "VL_FOB (US$)", "Quantidade estatística"),
        (
            *("CNPJ", "Razão social", "UF", "CNAE", "Exercício", "Ativo total (R$ mil)", "Passivo exigível (R$ mil)"),
            *("Lucro líquido (R$ mil)", "Estoques (R$ mil)"),
        ),
        ("UF", "Ano", "Intensidade de P&D (%)"),
        {"prices": "Índice de preços ao consumidor", "firms": "Demonstrações financeiras"},
        "thousand BRL",
        ";",
    ),
    "fr": Language(
        ("Région", "Année", "Poste", "Indice des prix (année précédente = 100)"),
        ("SIREN", "Code NC", "Pays de destination", "Année", "Valeur FAB ($US)", "Masse nette (kg)"),
        (
            *("SIREN", "Raison sociale", "Région", "Code NAF", "Exercice", "Total actif (k€)", "Total des dettes (k€)"),
            *("Résultat net (k€)", "Stocks (k€)"),
        ),
        ("Région", "Année", "Intensité de R&D (%)"),
        {"prices": "Indice des prix à la consommation par région", "firms": "Comptes annuels"},
        "thousand EUR",
        ";",
    ),
    "de": Language(
        ("Bundesland", "Jahr", "Warengruppe", "Verbraucherpreisindex (Vorjahr = 100)"),
        ("Firmen-ID", "Warennummer", "Bestimmungsland", "Jahr", "Ausfuhrwert in USD", "Eigenmasse in kg"),
        (
            *("Firmen-ID", "Firmenname", "Bundesland", "Wirtschaftszweig", "Geschäftsjahr", "Bilanzsumme (Tsd. EUR)"),
            *("Fremdkapital (Tsd. EUR)", "Jahresüberschuss (Tsd. EUR)", "Vorräte (Tsd. EUR)"),
        ),
        ("Bundesland", "Jahr", "FuE-Intensität (%)"),
        {"prices": "Verbraucherpreisindex nach Bundesländern", "firms": "Jahresabschlüsse"},
        "thousand EUR",
        ";",
    ),
    "vi": Language(
        ("Tỉnh, thành phố", "Năm", "Nhóm hàng", "Chỉ số giá (năm trước = 100)"),
        ("Mã số thuế", "Mã HS", "Nước nhập khẩu", "Năm", "Trị giá (USD)", "Lượng (kg)"),
        (
            *("Mã số thuế", "Tên doanh nghiệp", "Tỉnh/Thành phố", "Mã ngành", "Năm tài chính"),
            *("Tổng tài sản (triệu đồng)", "Nợ phải trả (triệu đồng)", "Lợi nhuận sau thuế (triệu đồng)"),
            "Hàng tồn kho (triệu đồng)",
        ),
        ("Tỉnh", "Năm", "Cường độ R&D (%)"),
        {"prices": "Chỉ số giá tiêu dùng theo tỉnh", "firms": "Báo cáo tài chính"},
        "million VND",
    ),
    "id": Language(
        ("Provinsi", "Tahun", "Kelompok pengeluaran", "IHK (tahun sebelumnya = 100)"),
        ("NPWP", "Kode HS", "Negara tujuan", "Tahun", "Nilai FOB (US$)", "Berat bersih (kg)"),
        (
            *("NPWP", "Nama perusahaan", "Provinsi", "KBLI", "Tahun buku", "Total aset (juta rupiah)"),
            *("Total liabilitas (juta rupiah)", "Laba bersih (juta rupiah)", "Persediaan (juta rupiah)"),
        ),
        ("Provinsi", "Tahun", "Intensitas litbang (%)"),
        {"prices": "Indeks harga konsumen menurut provinsi", "firms": "Laporan keuangan"},
        "million IDR",
        ";",
    ),
    "ms": Language(
        ("Negeri", "Tahun", "Kumpulan barangan", "Indeks harga pengguna"),
        ("Kod syarikat", "Kod HS", "Negara destinasi", "Tahun", "Nilai eksport (US$)", "Kuantiti (kg)"),
        (
            *("Kod syarikat", "Nama syarikat", "Negeri", "Kod MSIC", "Tahun kewangan", "Jumlah aset (RM'000)"),
            *("Jumlah liabiliti (RM'000)", "Untung bersih (RM'000)", "Inventori (RM'000)"),
        ),
        ("Negeri", "Tahun", "Keamatan P&P (%)"),
        {"prices": "Indeks harga pengguna mengikut negeri", "firms": "Akaun tahunan"},
        "thousand MYR",
    ),
    "zh": Language(
        ("省份", "年份", "商品类别", "居民消费价格指数(上年=100)"),
        ("企业编号", "商品编码", "目的国", "年份", "出口额(美元)", "数量(千克)"),
        (
            *("企业编号", "企业名称", "省份", "行业代码", "会计年度", "总资产（千元）", "负债合计（千元）"),
            *("净利润（千元）", "存货（千元）"),
        ),
        ("省份", "年份", "研发强度(%)"),
        {"prices": "分地区居民消费价格指数", "firms": "企业年报"},
        "thousand CNY",
    ),
}


@cache
def truth(seed: int = 5) -> Mapping[str, pl.DataFrame]:
    """The four tables under integrade's names; ``rd`` is the covariate."""
    draw = np.random.default_rng(seed)
    prices = [
        (region, year, good, round(float(100 + draw.normal(2.5, 1.5)), 2))
        for region in REGIONS
        for year in YEARS
        for good in GOODS
    ]
    firms, customs = [], []
    for k in range(90):
        firm, region = f"MY{100200 + 7 * k}", REGIONS[k % len(REGIONS)]
        size = float(np.exp(draw.normal(9, 1)))
        sold = draw.choice(len(PRODUCTS), 2, replace=False)
        for year in YEARS:
            size *= float(np.exp(draw.normal(0.03, 0.1)))
            debt = size * float(draw.uniform(0.2, 0.8))
            row = (round(size, 1), round(debt, 1), round(float(draw.normal(0.04, 0.08)) * size, 1))
            name = f"Perusahaan {k + 1} Sdn Bhd"
            firms.append((firm, name, region, f"{10 + k % 12}", year, *row, round(0.1 * size, 1)))
            for p in sold:
                for destination in draw.choice(PARTNERS, 3, replace=False):
                    quantity = round(float(np.exp(draw.normal(6, 1.2))), 1)
                    price = float(np.exp(draw.normal(2, 0.4)))
                    customs.append((firm, PRODUCTS[p], str(destination), year, round(price * quantity, 2), quantity))
    research = [(region, year, round(float(draw.uniform(0.5, 3)), 3)) for region in REGIONS for year in YEARS]
    rows: Mapping[str, list[tuple[Any, ...]]] = {
        "prices": prices,
        "customs": customs,
        "firms": firms,
        "research": research,
    }
    return {name: pl.DataFrame(rows[name], schema=list(TRUTH[name]), orient="row") for name in TRUTH}


def write_study_files(folder: Path, language: str) -> None:
    """The four files: prices and accounts as workbooks with a title and a source, customs and research as text."""
    chosen = LANGUAGES[language]
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in truth().items():
        headings = list(getattr(chosen, name))
        frame = table.rename(dict(zip(table.columns, headings, strict=True)))
        if name in chosen.titles:
            workbook(folder / f"{name}.xlsx", frame, chosen.titles[name])
        else:
            frame.write_csv(folder / f"{name}.csv", separator=chosen.separator)


def workbook(path: Path, frame: pl.DataFrame, title: str) -> None:
    """A sheet with a title above and a source below."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("data")
        sheet.write(0, 0, title)
        sheet.write_row(2, 0, frame.columns)
        for i, row in enumerate(frame.rows()):
            sheet.write_row(3 + i, 0, row)
        sheet.write(frame.height + 4, 0, "Source: own")
