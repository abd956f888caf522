"""Headings of nine languages: which column each one names, with the unit that it states."""

from __future__ import annotations

from pathlib import Path

from each import each
from integrade.records.schema import TABLES
from integrade.sources import read_customs, read_firms, read_prices
from integrade.sources.meaning.synonyms import COLUMNS, FOLDER, key_of, rename, synonyms, vocabulary
from integrade.sources.meaning.units import split_heading, unit_of

LANGUAGES = {
    "en": {
        "customs": "Company ID|HS code|Country of destination|Year|FOB value (USD)|Quantity (kg)",
        "firms": "Company ID|Year|State|Industry code|Total assets (RM'000)|Total liabilities (RM'000)|"
        "Net profit (RM'000)",
        "prices": "State|Year|Item|CPI (2010=100)",
    },
    "es": {
        "customs": "RFC|Fracción arancelaria|País de destino|Año|Valor FOB US$|Cantidad (kg)",
        "firms": "RFC|Año|Entidad federativa|Rama de actividad|Activo total (miles de pesos)|"
        "Pasivo total (miles de pesos)|Utilidad neta (miles de pesos)",
        "prices": "Estado|Año|Producto|Índice de precios",
    },
    "pt": {
        "customs": "CNPJ|Código NCM|País de destino|Ano|Valor FOB (US$)|Quantidade estatística",
        "firms": "CNPJ|Ano|UF|CNAE|Ativo total (R$ mil)|Passivo exigível (R$ mil)|Lucro líquido (R$ mil)",
        "prices": "Unidade da Federação|Ano|Grupo|Número índice",
    },
    "fr": {
        "customs": "SIREN|Code NC|Pays de destination|Année|Valeur FAB (€)|Masse nette (kg)",
        "firms": "SIREN|Exercice|Région|Code NAF|Total actif (k€)|Total des dettes (k€)|Résultat net (k€)",
        "prices": "Région|Année|Poste|Indice des prix",
    },
    "de": {
        "customs": "Firmen-ID|Warennummer|Bestimmungsland|Jahr|Ausfuhrwert (Tsd. EUR)|Eigenmasse in kg",
        "firms": "Firmen-ID|Geschäftsjahr|Bundesland|Wirtschaftszweig|Bilanzsumme (Tsd. EUR)|Fremdkapital (Tsd. EUR)|"
        "Jahresüberschuss (Tsd. EUR)",
        "prices": "Bundesland|Jahr|Warengruppe|Verbraucherpreisindex (2015 = 100)",
    },
    "vi": {
        "customs": "Mã doanh nghiệp|Mã HS|Nước nhập khẩu|Năm|Trị giá (USD)|Lượng (tấn)",
        "firms": "Mã số thuế|Năm|Tỉnh, thành phố|Mã ngành|Tổng tài sản (triệu đồng)|Nợ phải trả (triệu đồng)|"
        "Lợi nhuận sau thuế (triệu đồng)",
        "prices": "Tỉnh/Thành phố|Năm|Nhóm hàng|Chỉ số giá",
    },
    "id": {
        "customs": "NPWP|Kode HS|Negara tujuan|Tahun|Nilai FOB (US$)|Berat bersih (kg)",
        "firms": "NPWP|Tahun|Provinsi|KBLI|Total aset (juta rupiah)|Total liabilitas (juta rupiah)|"
        "Laba bersih (juta rupiah)",
        "prices": "Provinsi|Tahun|Kelompok pengeluaran|IHK",
    },
    "ms": {
        "customs": "Kod syarikat|Kod HS|Negara destinasi|Tahun|Nilai eksport (RM)|Kuantiti",
        "firms": "Kod syarikat|Tahun|Negeri|Kod MSIC|Jumlah aset (RM'000)|Jumlah liabiliti (RM'000)|"
        "Untung bersih (RM'000)",
        "prices": "Negeri|Tahun|Kumpulan barangan|Indeks harga pengguna",
    },
    "pl": {
        "customs": "NIP eksportera|Kod CN|Kraj przeznaczenia|Rok|Wartość FOB (tys. zł)|Masa netto (kg)",
        "firms": "NIP|Rok obrotowy|Województwo|PKD|Aktywa razem (tys. zł)|Zobowiązania ogółem (tys. zł)|"
        "Zysk netto (tys. zł)",
        "prices": "Województwo|Rok|Grupa towarów i usług|Wskaźnik cen",
    },
    "ko": {
        "customs": "사업자등록번호|HS코드|목적국|연도|수출금액(천 달러)|중량(kg)",
        "firms": "사업자등록번호|회계연도|지역|업종|자산총계(백만원)|부채총계(백만원)|당기순이익(백만원)",
        "prices": "시도별|연도|품목|지수(2015=100)",
    },
    "tr": {
        "customs": "Vergi No|GTİP|Ülke|Yıl|FOB değeri (bin TL)|Net ağırlık (kg)",
        "firms": "Vergi Kimlik No|Mali yıl|İl|NACE|Toplam varlıklar (bin TL)|Toplam yükümlülükler (bin TL)|"
        "Net kâr (bin TL)",
        "prices": "İl|Yıl|Madde|Endeks",
    },
    "zh": {
        "customs": "企业代码|商品编码|目的国|年份|出口额(万美元)|数量（千克）",
        "firms": "企业代码|年份|省份|行业代码|总资产（千元）|负债合计（千元）|净利润（千元）",
        "prices": "地区|年份|商品类别|指数",
    },
}
COLUMNS_OF = {
    "customs": ["firm", "product", "destination", "year", "value", "quantity"],
    "firms": ["firm", "year", "region", "industry", "assets", "liabilities", "net_profit"],
    "prices": ["region", "year", "commodity", "index"],
}


@each("table", list(COLUMNS_OF))
@each("language", list(LANGUAGES))
def test_headings_of_every_language_are_the_columns_of_every_table(language: str, table: str) -> None:
    headings = LANGUAGES[language][table].split("|")
    assert list(rename(headings, {}, table)[0].values()) == COLUMNS_OF[table]
    shouted = [h.upper().replace(" ", "_") for h in headings]
    assert list(rename(shouted, {}, table)[0].values()) == COLUMNS_OF[table]


def test_every_key_of_every_language_is_one_of_english_and_of_a_column() -> None:
    used = {key for columns in COLUMNS.values() for tiers in columns.values() for tier in tiers for key in tier}
    proposed = {"period", "receivables"}  # looked for by `integrade new --from` alone
    assert set(vocabulary()) == used | proposed
    assert {p.stem for p in FOLDER.glob("*.toml")} == set(LANGUAGES)


def test_a_plain_name_is_that_of_firms_alone_and_leaves_a_fuller_one_its_place() -> None:
    assert rename(["nib", "nama", "provinsi"], {}, "firms")[0]["nama"] == "name"
    both = rename(["nib", "nama", "nama perusahaan"], {}, "firms")[0]
    assert (both["nama perusahaan"], both["nama"]) == ("name", "nama")
    for table in ("prices", "gdp", "covariates"):
        assert rename(["kode", "nama", "tahun"], {}, table)[0]["nama"] == "nama"


def test_no_heading_names_two_columns_of_a_table_that_it_must_have() -> None:
    for table in ("customs", "firms", "prices", "flows", "gdp", "survey", "output"):
        required = {c.name for c in TABLES[table].columns if c.required} | {"firm", "assets", "liabilities"}
        named: dict[str, str] = {}
        for new, words in synonyms(table).items():
            for key in {key_of(w) for w in (new, *words)} if new in required else ():
                assert named.setdefault(key, new) == new, (table, key)


@each(
    ("heading", "words", "unit"),
    [
        ("Total assets (RM'000)", "Total assets", "thousand MYR"),
        ("Total assets, RM million", "Total assets", "million MYR"),
        ("FOB value (USD)", "FOB value", "USD"),
        ("US$ FOB value", "FOB value", "USD"),
        ("Valor FOB US$", "Valor FOB", "USD"),
        ("FOB (US$)", "FOB", "USD"),
        ("Quantity (kg)", "Quantity", "kg"),
        ("出口额(万美元)", "出口额", "10000 USD"),
        ("总资产（千元）", "总资产", "thousand CNY"),
        ("Bilanzsumme (Tsd. EUR)", "Bilanzsumme", "thousand EUR"),
        ("Umsatz in Mio. €", "Umsatz", "million EUR"),
        ("Chiffre d'affaires (milliers d'euros)", "Chiffre d'affaires", "thousand EUR"),
        ("Tổng tài sản (triệu đồng)", "Tổng tài sản", "million VND"),
        ("Total aset (Rp juta)", "Total aset", "million IDR"),
        ("Valor FOB (miles de dólares)", "Valor FOB", "thousand USD"),
        ("Ativo total (R$ mil)", "Ativo total", "thousand BRL"),
        ("Activos (cifras en miles de pesos mexicanos)", "Activos", "thousand MXN"),
        ("Активы (тыс. руб.)", "Активы", "thousand RUB"),
        ("Attivo totale (migliaia di euro)", "Attivo totale", "thousand EUR"),
        ("Aktywa (tys. zł)", "Aktywa", "thousand PLN"),
        ("Total assets (Rs. crore)", "Total assets", "Rs. crore"),
        ("Assets ($)", "Assets", "$"),
        ("Assets (USD mil)", "Assets", "USD mil"),
        ("Index, 2015=100", "Index", "2015=100"),
        ("distance_km", "distance", "km"),
        ("最终目的国(地区)", "最终目的国(地区)", "None"),
        ("Value (CIF, USD)", "Value (CIF, USD)", "None"),
        ("Value CIF (USD)", "Value CIF", "USD"),
        ("Total assets (end of year)", "Total assets (end of year)", "None"),
        ("HS code", "HS code", "None"),
        ("Column m", "Column m", "None"),
        ("Total number", "Total number", "None"),
    ],
)
def test_the_unit_of_a_heading(heading: str, words: str, unit: str) -> None:
    found, stated = split_heading(heading)
    assert (found, str(stated)) == (words, unit)


@each("text", ["$", "pesos", "Rs. crore", "US$ mil", "RM mil", "GBP mil.", "francs"])
def test_a_currency_or_a_scale_that_is_not_told_is_unclear(text: str) -> None:
    unit = unit_of(text)
    assert unit is not None
    assert unit.measure == "unclear"


def test_a_value_with_insurance_and_freight_is_no_fob_value() -> None:
    kept, _ = rename(["HS code", "Value CIF (USD)", "Value (CIF, USD)"], {}, "customs")
    assert "value" not in kept.values()


def test_a_unit_of_another_kind_makes_it_another_column() -> None:
    kept, _ = rename(["Total assets (%)", "Quantity (USD)", "Year (kg)"], {}, "firms")
    assert not {"assets", "quantity", "year"} & set(kept.values())


def test_the_own_name_of_a_column_comes_before_other_words_and_is_never_another_column() -> None:
    kept, notes = rename(["Quantity", "Net weight (kg)"], {}, "customs")
    assert kept == {"Quantity": "quantity", "Net weight (kg)": "Net weight (kg)"}
    assert [str(n.reason) for n in notes] == ["column 'Quantity' read as 'quantity'"]
    assert rename(["county"], {}, "firms")[0] == {"county": "county"}
    assert rename(["county"], {}, "prices")[0] == {"county": "region"}
    assert rename(["State", "City"], {}, "firms")[0] == {"State": "region", "City": "City"}
    assert rename(["Company", "Company ID"], {}, "firms")[0] == {"Company": "name", "Company ID": "firm"}


def test_a_word_of_two_meanings_is_taken_once() -> None:
    assert rename(["Land", "Bundesland"], {}, "customs")[0] == {"Land": "destination", "Bundesland": "region"}
    kept, notes = rename(["KG_LIQUIDO", "QT_ESTAT", "VL_FOB"], {}, "customs")
    assert kept == {"KG_LIQUIDO": "KG_LIQUIDO", "QT_ESTAT": "QT_ESTAT", "VL_FOB": "value"}
    assert "'KG_LIQUIDO' and 'QT_ESTAT' could each be 'quantity'" in str(notes[-1].reason)


def test_tables_are_read_by_such_headings_and_the_account_names_the_units(tmp_path: Path) -> None:
    files = {
        "customs": (read_customs, ["C1,010121,THA,2010,1000,5", "C2,010121,SGP,2010,2000,9"]),
        "firms": (read_firms, ["C1,2010,Johor,1010,5000,2000,100", "C2,2010,Kedah,1010,7000,1000,300"]),
        "prices": (read_prices, ["Johor,2010,Food,101.5", "Kedah,2010,Food,102.5"]),
    }
    for table, (read, rows) in files.items():
        path = tmp_path / f"{table}.csv"
        path.write_text("\n".join([LANGUAGES["en"][table].replace("|", ","), *rows]), encoding="utf-8")
        found = read(path)
        assert found.columns[: len(COLUMNS_OF[table])] == COLUMNS_OF[table]
        told = [str(e.reason) for e in found.account.entries]
        if table == "firms":
            assert "column \"Total assets (RM'000)\" read as 'assets', in thousand MYR" in told
