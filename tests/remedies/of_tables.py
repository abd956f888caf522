"""Remedies of what tables hold: totals, bases, lists of goods, rules of cleaning, codes, money, regions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

import integrade as ig
from basis_files import Economy, simulate
from integrade.errors import IntegradeError
from integrade.geography import built_in
from integrade.sources import clean_customs, clean_firms
from integrade.sources.files.headings import known_columns
from integrade.sources.files.reading import Reading
from integrade.sources.meaning.money import money_columns
from integrade.sources.meaning.regions import refuse_unknown_regions
from integrade.sources.tables.canonical import read_canonical
from integrade.sources.tables.codes import harmonise
from integrade.sources.tables.families import code_families
from integrade.sources.tables.geography import joined, read_geography
from remedies.frame import Call, Cases, Follow, done, given, meant, ways, written
from remedies.of_cells import HEAD, LONG, both, edit, file, mapped, prices
from remedies.of_study import BASE, ROOT, check
from remedies.tables import csv

CASES = Cases()
refused = CASES.refused


def table(content: str | pl.DataFrame, kind: str = "prices", **options: Any) -> Any:
    """A canonical table from the text of a file or a frame."""
    path = csv(content, "table.csv") if isinstance(content, pl.DataFrame) else file(content, "table.csv")
    return read_canonical(kind, path, **options)


def by(says: str, *args: Any) -> Follow:
    """What a remedy says in prose, done by other arguments."""
    return done(says, lambda call: call.with_args(*args))


def only(says: str, *changes: dict[str, Any]) -> Follow:
    """What a remedy says in prose, done by options, one way after the other."""
    return done(says, lambda call: [call.with_options(**one) for one in changes])


# totals
STATES, GOODS = ("Johor", "Kedah", "Perak", "Sabah"), ("Bread", "Fish", "Rent", "Shoes", "Tea")


def _prices(seed: int = 1) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    cells = [(s, 2000 + p // 12, p % 12 + 1, g) for s in STATES for p in range(24) for g in GOODS]
    rows = pl.DataFrame(cells, schema=["region", "year", "month", "commodity"], orient="row")
    return rows.with_columns(index=pl.Series((100 + draw.normal(0, 3, len(cells))).round(1)))


def _basket(name: str) -> pl.DataFrame:
    weights = dict(zip(GOODS, (0.1, 0.15, 0.2, 0.25, 0.3), strict=True))
    rows = _prices()
    mean = (pl.col("index") * pl.col("commodity").replace_strict(weights)).sum().round(1)
    whole = rows.group_by("region", "year", "month", maintain_order=True).agg(mean.alias("index"))
    return pl.concat([rows, whole.with_columns(commodity=pl.lit(name)).select(rows.columns)])


HIGH = _prices(2).filter(commodity="Tea").with_columns(commodity=pl.lit("Total"), index=pl.col("index") + 40)
refused("mean by the numbers alone", "D218", table, _basket("Basket A"))
refused("name that the numbers contradict", "D218", table, pl.concat([_prices(), HIGH]))
GDP = pl.DataFrame(
    [(r, y, float(10 * i + y % 7 + 3)) for i, r in enumerate(STATES) for y in (2010, 2011)],
    schema=["region", "year", "real_gdp"],
    orient="row",
)
SUM = GDP.group_by("year", maintain_order=True).agg(pl.col("real_gdp").sum()).with_columns(region=pl.lit("Zone"))
refused("sum by the numbers alone", "D218", table, pl.concat([GDP, SUM.select(GDP.columns)]), "gdp")

# bases


def _simulated(basis: str) -> pl.DataFrame:
    rows: pl.DataFrame = simulate(np.random.default_rng(2), basis, Economy(12, 48, 6, 6, inflation=0.03)).rows()
    return rows


refused("months of an unknown basis", "D230", table, _simulated("fixed").filter(pl.col("year") == 1990), to_year=True)
refused("months of several bases", "D230", table, _simulated("mixed"), to_year=True)
refused("rates that are none", "D231", table, _simulated("link"), basis="rate")
JUNE = _simulated("link").filter(month=6).with_columns(base=pl.lit("previous month = 100"))
refused("changes of one month", "D230", table, JUNE, to_year=True)
refused(
    "changes of a month without months",
    "D231",
    table,
    JUNE.rename({"month": "mc"}),
    then=only('basis="link"', {"columns": {"mc": "month"}}, {"basis": "link"}),
)
YEAR_OF_LINKS = _simulated("link").filter(year=1990).with_columns(base=pl.lit("previous month = 100"))
refused("changes of months read without them", "D231", table, YEAR_OF_LINKS.rename({"month": "mc"}))
RATES_OF_A_YEAR = _simulated("rate").filter((pl.col("year") == 1990) & (pl.col("month") <= 6))
refused("values below zero that do not tell", "D230", table, RATES_OF_A_YEAR)
refused("rates that are declared indices", "D231", table, _simulated("rate_year_on_year"), basis="year_on_year")
LINKS = _simulated("link").filter(pl.col("year") == 1990)
refused("monthly changes of one year", "D205", table, LINKS, to_year=True, basis="link")
TWO = pl.concat(
    [
        _simulated("level").filter(pl.col("year") == year).with_columns(base=pl.lit(f"{year}=100"))
        for year in (1990, 1992)
    ]
)
refused("two bases without a common period", "U100", table, TWO)

# lists of goods
OWN = LONG.replace(",2004,k", ",2004,a").replace(",2005,k", ",2005,a")
refused("no good of all years", "D205", table, OWN, breaks="common")
CHINA = HEAD + "".join(
    f"{r},{y},{g},{100 + (3 * i + 5 * y) % 7}.5\n"
    for i, r in enumerate(("北京", "天津", "河北"))
    for y in (2014, 2015, 2016, 2017)
    for g in (("食品", "烟酒及用品", "娱乐教育文化用品及服务") if y < 2016 else ("食品烟酒", "教育文化和娱乐"))
)
refused("no division of all years", "D205", table, CHINA, breaks="common")
LATER = LONG.replace(",2004,k", ",2004,a")
refused("no good of all years but the first", "D205", table, LATER, breaks="common")
refused("good to map unknown", "U100", table, LONG, goods_map={"k9": "rice"}, then=meant("k9"))

# rules
FIRM = {"firm": "F", "year": 2004, "assets": 1000.0, "sales": 9000.0, "gross_output": 9500.0, "employees": 20}
ACCOUNTS = pl.DataFrame([FIRM | {"firm": f"F{i}", "net_fixed_assets": 400.0} for i in range(3)])
FEW = ACCOUNTS.with_columns(employees=pl.lit(2))
refused(
    "rules that leave nothing",
    "D205",
    clean_firms,
    FEW,
    rules=("cai_liu", "feenstra_li_yu"),
    then=both(
        by("check units", FEW.with_columns(employees=pl.col("employees") * 10)),
        only("leave the rule set out", {"rules": ("feenstra_li_yu",)}),
    ),
)
FULL = ACCOUNTS.with_columns(value_added=pl.lit(3000.0), current_assets=pl.lit(300.0), fixed_assets=pl.lit(500.0))
refused("no rule set", "U100", clean_firms, FULL, rules=())
refused("rule set unknown", "U101", clean_firms, FULL, rules="cai_lui", then=meant("cai_lui"))


def cleaned(frame: pl.DataFrame, rules: str, **options: Any) -> Any:
    """Accounts of a file, cleaned."""
    return clean_firms(table(frame, "firms", **options), rules=rules)


refused(
    "columns of a rule set",
    "D201",
    cleaned,
    FULL.select("firm", "year", out_2="gross_output"),
    "brandt",
    then=mapped("out_2"),
)
RECORDS = pl.DataFrame(
    {
        "firm": ["a", "b"],
        "product": ["010121", "010129"],
        "destination": ["USA", "JPN"],
        "year": 2004,
        "value": 1.0,
        "quantity": 1.0,
        "flow": ["export", "import"],
    }
)
refused("customs rule unknown", "U101", clean_customs, RECORDS, rules=("export",), then=meant("export"))
REGIMES = RECORDS.with_columns(regime=pl.Series(["ordinary", "processing"]))
refused(
    "two regimes",
    "U100",
    clean_customs,
    REGIMES,
    rules=("ordinary", "processing"),
    then=only("one of the two regimes", {"rules": ("ordinary",)}, {"rules": ("processing",)}),
)


def cleared(frame: pl.DataFrame, rules: Any, **options: Any) -> Any:
    """Customs records of a file, cleaned."""
    return clean_customs(table(frame, "customs", **options), rules=rules)


refused("column of a customs rule", "D201", cleared, RECORDS.rename({"flow": "way"}), ("exports",), then=mapped("way"))
refused(
    "customs rule that leaves nothing",
    "D205",
    clean_customs,
    RECORDS.with_columns(flow=pl.lit("import")),
    rules=("exports", "trim"),
    then=both(by("check the column", RECORDS), only("or leave the rule out", {"rules": ("trim",)})),
)
WORDS = RECORDS.with_columns(flow=pl.Series(["export", "transit"]))
refused(
    "flow of another word",
    "U100",
    cleared,
    WORDS,
    ("exports",),
    then=both(
        only("where", {"where": 'flow == "export"'}),
        *(
            by("出口/进口 or export/import", WORDS.with_columns(flow=pl.Series(pair)), ("exports",))
            for pair in (["出口", "进口"], ["export", "import"])
        ),
    ),
)
refused("percentiles", "U100", clean_customs, RECORDS, rules=("trim",), cuts=(99.0, 1.0))

# codes
LINK = pl.DataFrame({"HS2007": ["010121", "010129"], "HS2012": ["010121", "010130"]})
FAMILIES = csv(LINK, "link.csv")
refused("countries of firms", "U100", table, ACCOUNTS, "firms", countries="iso3")
refused("families of flows", "U100", table, GDP, "gdp", families=(FAMILIES,))
refused("edition unknown", "U100", table, RECORDS, "customs", families=(FAMILIES,), edition=2017)
refused(
    "codes of another system",
    "D210",
    table,
    RECORDS.with_columns(product=pl.lit("999999")),
    "customs",
    families=(FAMILIES,),
    then=by("check their system", RECORDS, "customs"),
)
refused(
    "column to harmonise unknown",
    "D201",
    harmonise,
    RECORDS,
    code_families(LINK),
    column="produt",
    then=meant("produt"),
)
refused(
    "tables of two systems",
    "U100",
    code_families,
    [LINK, pl.DataFrame({"cic2002": ["1310"], "cic2011": ["1310"]})],
    then=by("one system at a time", [LINK]),
)
refused(
    "editions without a name",
    "D201",
    code_families,
    LINK.rename({"HS2007": "old", "HS2012": "new"}),
    then=by("as HS2007 and HS2012", LINK),
)
refused(
    "codes of editions as numbers", "D207", code_families, LINK.cast(pl.Int64), then=by("store codes as text", LINK)
)


# money
MONEY = ACCOUNTS.with_columns(year=pl.Series([2004, 2005, 2005]))
RATES = "currency,year,per_usd\nMYR,2004,3.8\nMYR,2005,3.79\nUSD,2004,1\nUSD,2005,1\n"


RINGGIT = {c: "MYR" for c in MONEY.columns if c in money_columns("firms")}


def money(frame: pl.DataFrame, content: str = RATES, **options: Any) -> Any:
    """Accounts with rates of a text."""
    path = str(file(content, "rates.csv"))
    return table(frame, "firms", **{k: path if v == "rates.csv" else v for k, v in options.items()})


def in_ringgit(call: Call, error: IntegradeError) -> list[Call]:
    """The unit that the remedy gives as an example, or the column that it names."""
    units = ways(error.remedy)[0].give["units"]
    named = error.remedy.rpartition(" ")[2]
    return [
        call.with_options(units=units),
        call.with_args(MONEY.with_columns(pl.lit("MYR").alias(named)), *call.args[1:]),
    ]


refused(
    "unit unknown",
    "U100",
    money,
    MONEY,
    units={"assets": "lots"},
    then=written(lambda c, text: c.with_options(units={"assets": text})),
)
refused("column of a unit unknown", "U103", money, MONEY, units={"asets": "thousand MYR"}, then=meant("asets"))
refused("money of several currencies", "D240", money, MONEY, units=RINGGIT | {"sales": "USD"})
refused("currency without rates", "U100", money, MONEY, units=RINGGIT, currency="USD")
refused(
    "units against the currencies of rows",
    "D240",
    money,
    MONEY.with_columns(currency=pl.lit("MYR")),
    units={"assets": "thousand USD"},
    currency="USD",
    rates="rates.csv",
    then=done(
        'leave the currency out of the units ("thousand")', lambda c: c.with_options(units={"assets": "thousand"})
    ),
)
refused("money of no currency", "U100", money, MONEY, currency="USD", rates="rates.csv", then=in_ringgit)
ASKED: dict[str, Any] = {"units": RINGGIT, "currency": "USD", "rates": "rates.csv"}


def rates(name: str, code: str, content: str, then: Follow) -> None:
    """One more case of a table of rates."""
    refused(f"rates: {name}", code, money, MONEY, content, then=then, **ASKED)


def corrected(says: str, *contents: str) -> Follow:
    """The table of rates put right as the remedy says."""
    return done(says, lambda call: [call.with_args(call.args[0], one) for one in contents])


def headed(call: Call, error: IntegradeError) -> list[Call]:
    """The column of the rates under the name that the remedy gives."""
    name = error.remedy.rpartition(" ")[2]
    return [call.with_args(call.args[0], call.args[1].replace("per_usd", name))]


rates(
    "no such table",
    "U100",
    RATES.replace("per_usd", "rate"),
    corrected(
        "per_usd (units for one US dollar), in_usd",
        RATES,
        RATES.replace("3.8", ".26").replace("3.79", ".26").replace("per_usd", "in_usd"),
    ),
)
rates("not positive", "D241", RATES.replace("3.8", "-3.8"), corrected("correct the row", RATES))
BOTH = RATES.replace("per_usd\n", "per_usd,in_usd\n").replace("3.8\n", "3.8,.2\n")
rates("of both directions", "D241", BOTH, corrected("keep one", RATES))
rates("with text", "D202", RATES.replace("3.8\n", "?\n"), corrected("correct the cells", RATES))
YEARS = "currency,year,per_usd\nMYR,2003,3.8\nMYR,2004,3.8\nMYR,2005,3.79\n"
rates("far from its neighbours", "D241", YEARS.replace("2004,3.8", "2004,38"), corrected("correct the row", YEARS))
rates("upside down", "D241", RATES.replace("3.8", ".263").replace("3.79", ".264"), headed)
rates(
    "a dollar that is not one",
    "D241",
    RATES.replace("USD,2005,1", "USD,2005,2"),
    corrected("write 1 in the rows of USD, or delete them", RATES, RATES.replace("USD,2005,1\n", "")),
)
rates("far from the year beside it", "D241", RATES + "MYR,2006,38\nMYR,2007,3.5\n", corrected("correct the row", RATES))
rates("twice", "D241", RATES + "MYR,2004,3.9\n", corrected("keep one row of each", RATES))
rates(
    "one that lacks",
    "D240",
    RATES.replace("MYR,2004,3.8\n", ""),
    both(corrected("add their rows", RATES), only("where", {"where": "year != 2004"})),
)
refused(
    "rates without parities",
    "U100",
    money,
    MONEY,
    units=RINGGIT,
    currency="PPP",
    rates="rates.csv",
    then=done("per_ppp", lambda c: c.with_args(MONEY, RATES.replace("per_usd", "per_ppp"))),
)

# regions
refused(
    "geography of no kind",
    "U100",
    read_geography,
    5,
    then=both(
        lambda c, e: [c.with_args(json.loads(e.remedy.split("(")[1].split(")")[0]))],
        by("a file of regions", file("region\nA\nB\n", "ab.csv")),
    ),
)
refused("geography misspelt", "U101", read_geography, "Malasia", then=meant("Malasia"))
PLACES = "region,longitude,latitude,neighbours\nA,1.5,2.5,B\nB,2.5,2.5,\nC,3.5,1.5,B\n"
file(PLACES, "regions.csv")


def regions(content: str | Mapping[str, Any], **options: Any) -> Any:
    """A geography of a file."""
    if isinstance(content, str):
        return read_geography(file(content, "regions.csv"), **options)
    return read_geography(file(json.dumps(content), "regions.geojson"), **options)


def missing_file(name: str) -> Any:
    """A geography of a file that may not be there."""
    return read_geography(file("", "none.csv").with_name(name))


refused("file of regions misspelt", "U104", missing_file, "regoins.csv", then=meant("regoins.csv"))
refused(
    "name of regions unknown",
    "D201",
    lambda content, column: read_geography(file(content, "r.csv"), name=column),
    PLACES,
    "regin",
    then=meant("regin"),
)
refused(
    "neighbour unknown",
    "U101",
    regions,
    PLACES.replace("C,3.5,1.5,B", "C,3.5,1.5,BB"),
    then=lambda c, e: [c.with_args(PLACES)] if "known: A, B, C" in e.remedy else [],
)
refused(
    "place in words", "D202", regions, PLACES.replace("3.5", "3°30"), then=edit("with a decimal point", "3°30", "3.5")
)
refused(
    "place in kilometres",
    "D203",
    regions,
    PLACES.replace("3.5", "350"),
    then=edit("call columns of kilometres x and y", "longitude,latitude", "x,y"),
)
refused("file without regions", "U100", regions, "region,longitude\n", then=by("one region a line", PLACES))
refused("region twice", "D204", regions, PLACES + "A,3,3,\n", then=edit("one line for each region", "A,3,3,\n", ""))
refused(
    "rule of neighbours unknown",
    "U100",
    regions,
    PLACES,
    neighbours="near",
    then=written(lambda c, text: c.with_options(neighbours=text)),
)
refused(
    "region without a place",
    "U100",
    regions,
    PLACES.replace("3.5,1.5", ","),
    neighbours="nearest:1",
    then=both(by("add longitude and latitude", PLACES), by("or x and y", PLACES.replace("longitude,latitude", "x,y"))),
)


def outline(name: str, at: float, **changes: Any) -> dict[str, Any]:
    """A square of one degree."""
    ring = [[at, 0.0], [at + 1, 0.0], [at + 1, 1.0], [at, 1.0], [at, 0.0]]
    shape = {"type": "Polygon", "coordinates": [ring]} | changes
    return {"type": "Feature", "properties": {"name": name, "kod": name.lower()}, "geometry": shape}


def layer(*features: Any) -> dict[str, Any]:
    """Outlines as GeoJSON."""
    return {"type": "FeatureCollection", "features": list(features)}


GOOD = layer(outline("A", 1.0), outline("B", 2.0))
refused("outlines of another kind", "D208", regions, {"type": "Topology"}, then=by("a FeatureCollection", GOOD))
NAMELESS = json.loads(json.dumps(GOOD).replace('"name"', '"bez"'))
refused(
    "name of outlines",
    "D201",
    regions,
    NAMELESS,
    then=both(
        given(name="bez"),
        done("there are bez, kod", lambda c: c.with_options(name="kod")),
        by("call it name in the file", GOOD),
    ),
)


POINT = outline("C", 3.0, type="Point", coordinates=[3.0, 0.0])
refused("outline that is a point", "D208", regions, layer(*GOOD["features"], POINT), then=by("save areas", GOOD))
FLAT = outline("C", 3.0, coordinates=[[[3.0, 0.0], [4.0, 0.0], [3.0, 0.0]]])
refused(
    "outline without an area",
    "D208",
    regions,
    layer(*GOOD["features"], FLAT),
    then=by("leave it out of the file", GOOD),
)
refused(
    "outline in metres", "D203", regions, layer(*GOOD["features"], outline("C", 300_000.0)), then=by("in WGS 84", GOOD)
)


def beside(country: str, content: str) -> Any:
    """A country with a file of its regions."""
    return joined(built_in()[country], read_geography(file(content, "own.csv")))  # type: ignore[arg-type]


refused("region of no country", "U101", beside, "MY", "region\nJohor\nKedha\n", then=meant("Kedha"))


def left_out(content: str, names: Sequence[str]) -> Any:
    """Regions that an index is made without."""
    return refuse_unknown_regions([prices(content)], names)


refused(
    "region to leave out unknown", "U101", left_out, LONG.replace("R", "Region"), ["Regoin0"], then=meant("Regoin0")
)

# a study with regions of a country
SLIP = ROOT / "slip.csv"
STATES_FILE = HEAD + "".join(
    f"{r},{y},k{g},{100 + (3 * i + 5 * g + 7 * y) % 11}.5\n"
    for i, r in enumerate(("Johor", "Kedah", "Perak", "Sabah", "Zzzz"))
    for y in (2004, 2005, 2006)
    for g in range(4)
)


def in_malaysia(aliases: str, where: str = "", region: str = "Zzzz") -> None:
    """The check of a study of an index in Malaysia, one of whose regions has another name."""
    SLIP.write_text(STATES_FILE.replace("Zzzz", region), encoding="utf-8")
    own = f"where = {where}\n" if where else ""
    check(
        f'title = "t"\n[prices]\nfiles = ["slip.csv"]\n{own}\n[geography]\ncountry = "MY"\n{aliases}\n\n'
        '[integration]\n\n[report]\nformats = ["md"]\n'
    )


def alias(call: Call, error: IntegradeError) -> list[Call]:
    """The lines of the study that the remedy offers, and the filter."""
    lines = [piece.rpartition("[geography] ")[2] for piece in error.remedy.split("; ") if "[geography]" in piece]
    assert len(lines) == 2
    assert "where" in error.remedy
    return [
        *(call.with_args(line.replace('"..."', '"Kelantan"')) for line in lines),
        call.with_args("", f"'region != \"{call.options.get('region', 'Zzzz')}\"'"),
    ]


refused("region of another name", "D220", in_malaysia, "", then=alias, about="Zzzz")
refused("region of which a part is named", "D220", in_malaysia, "", region="Kota Kedah", then=alias, about="may be")


def mapping(columns: str) -> None:
    """The check of a study whose firms have a column mapped."""
    check(BASE.replace('files = ["firms.csv"]', f'files = ["firms.csv"]\ncolumns = {{ {columns} = "area" }}'))


refused("column of a study to map unknown", "U103", mapping, "ownershp", then=meant("ownershp"))


def ahead(content: str, columns: Mapping[str, str]) -> Any:
    """The columns of firms as they are known before the file is read."""
    return known_columns("firms", [file(content, "firms.csv")], Reading(columns=columns))


refused(
    "heading of a study to map unknown",
    "U103",
    ahead,
    "firm,year,ownership\na,2004,state\n",
    {"ownershp": "area"},
    then=meant("ownershp"),
)
NORWAY = "region,codes\nOslo og Viken,NO08\nInnlandet,NO02\n"
refused(
    "regions of no member",
    "U101",
    beside,
    "EU2",
    NORWAY,
    then=done("the file, of these regions", lambda c: Call(regions, (c.args[1],))),
)
refused(
    "region of another version",
    "U101",
    beside,
    "EU2",
    "region,codes\nUtrecht,NL35\nZuid-Holland,NL36\n".replace("Utrecht", "Utrecht (province)"),
    then=both(
        by("of the version that is built in", "EU2", "region\nUtrecht\nZuid-Holland\n"),
        done("or name only the file", lambda c: Call(regions, (c.args[1],))),
    ),
)
EUROPE = ("Tirol", "Oberbayern", "Lazio", "Prov. Antwerpen")
EU_PRICES = pl.DataFrame(
    [
        (r, y, f"k{g}", 100.0 + (3 * i + 5 * g + 7 * y) % 11)
        for i, r in enumerate(EUROPE)
        for y in (2004, 2005)
        for g in range(4)
    ],
    schema=["region", "year", "commodity", "index"],
    orient="row",
)


def bordering(call: Call, error: IntegradeError) -> list[Call]:
    """The file of pairs, the rule and the file of outlines that the remedy offers."""
    pairs = [way.give["pairs"] for way in ways(error.remedy)]
    assert "a file with their outlines" in error.remedy
    own = file(json.dumps(layer(*(outline(r, float(i)) for i, r in enumerate(EUROPE)))), "eu.geojson")
    borders = csv(pl.DataFrame({"from": EUROPE[:-1], "to": EUROPE[1:]}), "borders.csv")
    return [
        *(call.with_options(pairs=borders if p == "borders.csv" else p) for p in pairs),
        call.with_options(geography=own),
    ]


refused(
    "neighbours that are not known",
    "U101",
    ig.relative_price,
    EU_PRICES,
    basis="link",
    pairs="adjacent",
    geography="EU2",
    then=bordering,
)
