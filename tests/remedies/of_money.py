"""Remedies of units and currencies that files state."""

from __future__ import annotations

import integrade as ig
from integrade.errors import IntegradeError
from integrade.sources.tables.several_files import with_accounts_beside
from remedies.frame import Call, Cases, Follow, done
from remedies.tables import FOLDER, text

CASES = Cases()
refused = CASES.refused


def accounts(headings: str, *rows: str, name: str, first: int = 2004) -> str:
    """Accounts of one firm under such headings, from a first year on."""
    lines = [f"firm,year,{headings}", *(f"A,{first + i},{row}" for i, row in enumerate(rows))]
    return text("\n".join(lines) + "\n", name)


def by(says: str, *paths: object) -> Follow:
    """What is said in prose, done in the file."""
    return done(says, lambda call: call.with_args(*paths))


RIGHT = accounts("Total assets (RM'000),Net profit (RM'000)", "3,1", name="stated.csv")
SILENT = accounts("Total assets (RM'000),Net profit", "3,1", name="silent.csv")
NONE = accounts("Total assets,Net profit", "3,1", name="none.csv", first=2005)
OTHER = accounts("Total assets (USD),Net profit (USD)", "3,1", name="other.csv")
MILLION = accounts("Total assets (RM million),Net profit (RM'000)", "3,1", name="million.csv")
MIXED = accounts("Total assets", "RM 3.5", "$3.5", name="mixed.csv")
ONE = accounts("Total assets", "RM 3.5", "RM 3.5", name="one.csv")
AGAINST = accounts("Total assets (RM)", "US$ 3", name="against.csv")

refused("accounts without a unit", "D242", ig.read_firms, SILENT)
CASES.command(
    *("accounts without a unit, as a command", "D242", "clean", SILENT, "--rules", "cai_liu"),
    *("--out", str(FOLDER / "cleaned.csv")),
)
refused(
    "a unit against the heading",
    "D242",
    ig.read_firms,
    RIGHT,
    units={"assets": "million MYR"},
    then=done("leave the unit of assets out", lambda call: [call.without("units"), call.with_args(MILLION)]),
)
refused("files in several units", "D242", ig.read_firms, [RIGHT, MILLION], then=by("write one unit", [RIGHT, RIGHT]))
refused("files of which some state a unit", "D242", ig.read_firms, [RIGHT, NONE])
refused("files in several currencies", "D240", ig.read_firms, [RIGHT, OTHER], then=by("write one currency", RIGHT))
refused("cells in several currencies", "D240", ig.read_firms, MIXED, then=by("write one currency", ONE))
refused("cells against their heading", "D240", ig.read_firms, AGAINST, then=by("correct the heading or the cells", ONE))
YUAN = ig.read_firms(accounts("Total assets (RM'000),founded", "3,1990", name="ringgit.csv"))
refused(
    "the index in another currency",
    "D242",
    ig.firm_controls,
    YUAN,
    fic="sa_index",
    currency_unit="1000 yuan",
    per_usd=3.8,
)
SALES = ig.read_firms(accounts("Sales (RM'000)", "3", name="sales.csv"))
refused("rules in another currency", "D242", ig.clean_firms, SALES, rules="cai_liu", currency_unit="yuan")


def _joined(*how: object) -> object:
    return with_accounts_beside(*(ig.read_firms(str(path)) for path in how))


RIGHT_ASSETS = accounts("Total assets (RM'000)", "3", name="assets.csv")
PROFIT = accounts("Net profit (RM'000)", "3", name="profit.csv")
DOLLARS = accounts("Net profit (USD)", "3", name="dollars.csv")
NO_UNIT = accounts("Net profit", "3", name="no_unit.csv")
refused(
    "two files in two currencies",
    "D240",
    _joined,
    RIGHT_ASSETS,
    DOLLARS,
    then=by("write one currency in the files", RIGHT_ASSETS, PROFIT),
)
refused(
    "two files, one without a unit",
    "D242",
    _joined,
    RIGHT_ASSETS,
    NO_UNIT,
    then=done('"net_profit": "MYR"', lambda call: call.with_args(RIGHT_ASSETS, PROFIT)),
)


def exports(*cells: str) -> str:
    """Customs records with a column that nobody knows."""
    rows = [f"A,010121,USA,{2004 + i},3,1,{cell}" for i, cell in enumerate(cells)]
    return text("\n".join(["firm,product,destination,year,value,quantity,zzz", *rows]) + "\n", "exports.csv")


RATED = text("currency,year,per_usd\nIDR,2005,9700\n", "rated.csv")


def _each_way(call: Call, error: IntegradeError) -> list[Call]:
    """A column for the currencies of rows, with rates; or one unit for all."""
    columns, units = ({k: v} for k, v in (("zzz", "currency"), ("value", "USD")))
    assert all(
        f"{name}={written!r}".replace("'", '"') in error.remedy
        for name, written in (("columns", columns), ("units", units))
    )
    return [call.with_options(columns=columns, currency="USD", rates=RATED), call.with_options(units=units)]


refused("codes of currencies that nobody named", "D240", ig.read_customs, exports("USD", "IDR"), then=_each_way)
