"""Simulate two registers of the same firms with known difficulties (traps) for matching.

Codes and names change in the accounts; the customs register misspells names. The simulation also returns which records
belong to which firm, and which firms received which trap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from integrade.geography import PROVINCES
from integrade.records import needs
from integrade.simulation.firms import INDUSTRIES
from integrade.simulation.names import MADE_LIABLE, MADE_LIMITED, brand, firm_names, people

IN_ACCOUNTS: Mapping[str, str] = {
    "recoded": "a new code from one year on",
    "renamed": "a new name from one year on; the customs keep the old one",
    "recoded_renamed": "a new code and name; legal person and county stay",
    "recoded_new_person": "a new code, name and legal person; telephone and county stay",
    "reborn": "a new code, name, legal person and telephone; founding year, county, industry and product stay",
    "gap": "one year is missing",
    "gap_recoded": "one year is missing, and the code is new after it",
    "same_code": "two firms with one code in the same years",
    "heir": "the code of a firm that is gone, given to another one",
}
"""Traps in the accounts, with a description of each."""

IN_CUSTOMS: Mapping[str, str] = {
    "full_width": "blanks, brackets and letters in full width",
    "traditional": "traditional characters",
    "legal_form": "another legal form, or one that is cut off",
    "slip": "a wrong character in the name",
    "slip_postcode": "a wrong character in the name, and a wrong postcode",
    "slip_switchboard": "a wrong character, and postcode and telephone shared by two firms",
    "slip_agent": "a wrong character, and postcode, telephone and contact shared by two firms",
    "slip_same_digit": "a wrong character, a telephone of one digit",
    "slip_short": "a wrong character, a telephone of five digits",
    "twins": "two firms of one name in two provinces",
    "twins_bare": "two firms of one name, without postcode, telephone and contact",
    "second_code": "two customs codes for one firm in the same years",
    "stranger": "an exporter without accounts that has the telephone and contact of a firm in another province",
    "trading_arm": "an exporter without accounts whose name is that of a firm and 进出口",
}
"""Traps in the customs register, with a description of each."""

PAIRED = ("same_code", "heir", "slip_switchboard", "slip_agent", "twins", "twins_bare")
UNKNOWN = ("stranger", "trading_arm", "unknown")  # exporters without accounts
CODES = (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66))
TRADITIONAL = str.maketrans(
    "华东龙鑫达丰兴德远宇辉凯顺广莞乌义绍兴苏无锡烟济门庄连汉长阳机电纺织装塑胶金业陶药医贸际国经进对",
    "華東龍鑫達豐興德遠宇輝凱順廣莞烏義紹興蘇無錫煙濟門莊連漢長陽機電紡織裝塑膠金業陶藥醫貿際國經進對",
)
FULL_WIDTH = str.maketrans("()0123456789", "（）０１２３４５６７８９")
COUNTIES, ROADS = 40, 90


@dataclass(frozen=True)
class Registers:
    """The two registers, and the true links that only the simulation knows.

    ``firms``: one row per firm and year of accounts (codes may repeat: a registry). ``exporters``: one row per customs
    firm and year. ``customs``: value and quantity. ``true_firms``: firm, year, name, entity. ``true_links``:
    customs_firm, firm, year, entity, trap, for exporters that have accounts in the year. ``planted``: trap, entity and
    its customs code, whether or not the entity exports.
    """

    firms: pl.DataFrame
    exporters: pl.DataFrame
    customs: pl.DataFrame
    true_firms: pl.DataFrame
    true_links: pl.DataFrame
    planted: pl.DataFrame


def simulate_registers(
    n_firms: int = 3000, seed: int = 20240101, *, n_exporters: int = 1500, n_years: int = 6, share: float = 0.02
) -> Registers:
    """Simulate two registers of the same firms; each trap is planted in ``share`` of the firms.

    Traps of the customs register are planted in exporters. 8% of the exporters have no accounts.

    Example:
        >>> found = simulate_registers(200, n_exporters=120)
        >>> sorted(set(found.planted["trap"])) == sorted([*IN_ACCOUNTS, *IN_CUSTOMS])
        True
    """
    needs.require_count(needs.FIRMS, n_firms=n_firms, n_exporters=n_exporters)
    needs.require_count(needs.YEARS, n_years=n_years)
    rng = np.random.default_rng([seed, n_firms, n_exporters, n_years])
    entities = _entities(rng, n_firms, n_exporters, n_years, share)
    years = pl.DataFrame({"t": range(n_years)})
    lived = entities.join(years, how="cross").filter(pl.col("t").is_between("first", "last")).sort("entity", "t")
    accounts = _accounts(lived.filter(pl.col("accounts")))
    customs = _customs_register(lived.filter(pl.col("exports")), rng)
    truth = customs.join(accounts.select("entity", "year", code="firm"), on=["entity", "year"])
    flows = customs.select("firm", "year").with_columns(
        product=pl.lit("610910"),
        destination=pl.lit("USA"),
        value=pl.Series(np.round(np.exp(rng.normal(11, 2, customs.height)), 2)),
        quantity=pl.lit(100.0),
    )
    planted = entities.filter(pl.col("trap") != "").select("trap", "entity", customs_firm=pl.col("customs_code"))
    return Registers(
        accounts.drop("entity"),
        customs.drop("entity", "trap"),
        flows,
        accounts.select("firm", "year", "name", "entity"),
        truth.select("year", "entity", "trap", customs_firm="firm", firm="code"),
        planted,
    )


def write_registers(registers: Registers, directory: Path) -> list[Path]:
    """Write the registers as raw files with Chinese headings, and the files with the true links.

    Accounts are in GB18030, exporters in UTF-8.
    """
    (directory / "truth").mkdir(parents=True, exist_ok=True)
    accounts = directory / "accounts.csv"
    accounts.write_bytes(registers.firms.rename(HEADINGS).write_csv().encode("gb18030"))
    headings = {k: v for k, v in HEADINGS.items() if k in registers.exporters.columns}
    written = {"exporters": registers.exporters.rename(headings), "customs": registers.customs}
    written |= {f"truth/{n}": getattr(registers, n) for n in ("true_firms", "true_links", "planted")}
    for name, rows in written.items():
        rows.write_csv(directory / f"{name}.csv")
    return sorted([accounts, *(directory / f"{name}.csv" for name in written)])


HEADINGS = {
    "firm": "企业代码",
    "year": "年份",
    "name": "企业名称",
    "legal_person": "法定代表人",
    "contact": "联系人",
    "phone": "电话号码",
    "postcode": "邮政编码",
    "county": "行政区划代码",
    "region": "省份",
    "industry": "行业代码",
    "founded": "开业年份",
    "product": "主要产品",
}


def _entities(rng: np.random.Generator, n_firms: int, n_exporters: int, n_years: int, share: float) -> pl.DataFrame:
    """Draw every firm: its identity, its location, its years, and its trap (empty for most firms)."""
    each = max(2, 2 * round(n_firms * share / 2))
    unknown = max(round(0.08 * n_exporters), each)
    traps = [trap for trap in (*IN_CUSTOMS, *IN_ACCOUNTS) if trap not in UNKNOWN for _ in range(each)]
    traps += [""] * max(0, n_firms - len(traps))
    n_known, extra = len(traps), [trap for trap in UNKNOWN[:2] for _ in range(each)]
    traps += extra + ["unknown"] * max(0, unknown - len(extra))
    n = len(traps)
    place = rng.integers(len(PROVINCES), size=n)
    # the second of two coupled firms is in the province of the first, but twins are in two provinces
    together = np.array([trap in PAIRED and trap != "twins" for trap in traps[1::2]])
    place[1::2] = np.where(together, place[0::2][: n // 2], place[1::2])
    pairs = [(PROVINCES[i].english, PROVINCES[i].chinese_short) for i in place.tolist()]
    first = np.where(rng.random(n) < 0.7, 0, rng.integers(0, n_years - 2, n))
    whole = np.array([trap != "" for trap in traps])
    exports = np.array([trap in IN_CUSTOMS or trap in ("renamed", "unknown") for trap in traps])
    plain = np.flatnonzero(~whole)
    exports[plain[: max(0, n_exporters - int(exports.sum()))]] = True
    county = np.array(CODES)[place] * 10_000 + rng.integers(1, COUNTIES, n) * 100 + 1
    frame = pl.DataFrame(
        {
            "entity": range(n),
            "trap": [trap if trap != "unknown" else "" for trap in traps],
            "accounts": np.arange(n) < n_known,
            "exports": exports,
            "first": np.where(whole, 0, first),
            "last": np.where(
                whole | (rng.random(n) < 0.7), n_years - 1, np.maximum(first + 1, rng.integers(1, n_years, n))
            ),
            "change": rng.integers(2, n_years - 1, n),
            "region": pl.Series([p.chinese_short for p in PROVINCES]).gather(place),
            "county": pl.Series(county).cast(pl.String),
            "postcode": pl.Series(np.array(CODES)[place] * 10_000 + rng.integers(1, 9_999, n)).cast(pl.String),
            "area": pl.Series(300 + np.array(CODES)[place]).cast(pl.String),
            "phone": pl.Series(20_000_000 + rng.integers(0, 69_999_999, n)).cast(pl.String),
            "legal_person": people(n, rng),
            "contact": people(n, rng),
            "heir_person": people(n, rng),
            "name": firm_names(pairs, [False] * n, rng),
            "other_name": [f"{short}{brand(n + i)}实业{MADE_LIMITED}" for i, (_, short) in enumerate(pairs)],
            "founded": rng.integers(1960, 2003, n),
            "industry": pl.Series(INDUSTRIES).gather(rng.integers(len(INDUSTRIES), size=n)),
            "product": [f"产品{k}" for k in rng.integers(0, 400, n).tolist()],
            "code": [f"{i * 48271 % 1_000_000_007:09d}" for i in range(1, n + 1)],
            "customs_code": [f"{c}{i:06d}" for i, c in enumerate((np.array(CODES)[place] * 100 + 19).tolist())],
        }
    )
    return _coupled(frame)


def _coupled(frame: pl.DataFrame) -> pl.DataFrame:
    """Copy fields from the first to the second of two coupled firms, and from firms to strangers and trading arms."""
    second = pl.col("entity") % 2 == 1
    trap = pl.col("trap")
    of_first = {
        "code": ("same_code", "heir"),
        "postcode": ("slip_switchboard", "slip_agent"),
        "phone": ("slip_switchboard", "slip_agent"),
        "contact": ("slip_agent",),
        "name": ("twins", "twins_bare"),
    }
    frame = frame.with_columns(
        pl.when(second & trap.is_in(traps)).then(pl.col(c).shift(1)).otherwise(pl.col(c)).alias(c)
        for c, traps in of_first.items()
    )
    gone = pl.col("change") - 1
    frame = frame.with_columns(
        last=pl.when((trap == "heir") & ~second).then(gone).otherwise("last"),
        first=pl.when((trap == "heir") & second).then(gone.shift(1) + 1).otherwise("first"),
    )
    target = pl.col("entity") - pl.lit(frame.filter(trap.is_in(UNKNOWN[:2]))["entity"].min())
    plain = frame.filter((trap == "") & pl.col("accounts") & ~pl.col("exports")).head(
        frame.filter(trap.is_in(UNKNOWN[:2])).height
    )
    plain = plain.with_row_index("_at").select(
        pl.col("_at").cast(pl.Int64),
        _phone="phone",
        _contact="contact",
        _name="name",
        _region="region",
        _code="customs_code",
    )
    frame = frame.with_columns(_at=target).join(plain, on="_at", how="left", maintain_order="left")
    like = pl.col("_region").is_not_null()
    return frame.with_columns(
        phone=pl.when((trap == "stranger") & like).then("_phone").otherwise("phone"),
        contact=pl.when((trap == "stranger") & like).then("_contact").otherwise("contact"),
        name=pl.when((trap == "trading_arm") & like)
        .then(pl.col("_name").str.replace("有限", "进出口有限"))
        .otherwise("name"),
    ).drop("_at", "_phone", "_contact", "_name", "_region", "_code")


def _accounts(lived: pl.DataFrame) -> pl.DataFrame:
    """Return the accounts: traps change fields from the year ``change`` on, or remove the year before it."""
    trap, after = pl.col("trap"), pl.col("t") >= pl.col("change")

    def changed(traps: tuple[str, ...], new: pl.Expr, old: str) -> pl.Expr:
        return pl.when(trap.is_in(traps) & after).then(new).otherwise(old).alias(old)

    recoded = ("recoded", "recoded_renamed", "recoded_new_person", "reborn", "gap_recoded")
    renamed = ("renamed", "recoded_renamed", "recoded_new_person", "reborn")
    rows = lived.filter(~(trap.is_in(("gap", "gap_recoded")) & (pl.col("t") == pl.col("change") - 1)))
    bare, who = trap == "twins_bare", ("phone", "postcode", "contact", "legal_person")
    rows = rows.with_columns(
        changed(recoded, "X" + pl.col("code").str.slice(1), "code"),
        changed(renamed, pl.col("other_name"), "name"),
        changed(("recoded_new_person", "reborn"), pl.col("heir_person"), "legal_person"),
        changed(("reborn",), pl.col("phone").str.reverse(), "phone"),
    ).with_columns(pl.when(~bare).then(c).alias(c) for c in who)
    return rows.select(
        "entity",
        "name",
        "legal_person",
        "contact",
        "phone",
        "postcode",
        "county",
        "region",
        "industry",
        "founded",
        "product",
        firm="code",
        year=pl.col("t") + 2004,
    )


def _customs_register(lived: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return the customs register: names respelt by trap, telephones with area codes, and missing values."""
    trap = pl.col("trap")
    spelt = [_spelt(name, of, i) for i, (name, of) in enumerate(lived.select("name", "trap").iter_rows())]
    bare = trap == "twins_bare"
    phone = pl.when(trap == "slip_same_digit").then(pl.lit("88888888")).when(trap == "slip_short")
    phone_of_trap = phone.then(pl.col("phone").str.head(5))
    rows = (
        lived.with_columns(name=pl.Series(spelt))
        .with_columns(
            phone=pl.when(~bare).then(phone_of_trap.otherwise(pl.concat_str("area", "phone", separator="-"))),
            postcode=pl.when(trap == "slip_postcode")
            .then(pl.col("postcode").str.reverse())
            .when(~bare)
            .then("postcode"),
            contact=pl.when(~bare).then("contact"),
            slipped=pl.Series(rng.random(lived.height)),
        )
        .with_columns(
            pl.when((trap != "") | (pl.col("slipped") >= 0.05)).then("phone").alias("phone"),
            pl.when((trap != "") | (pl.col("slipped") < 0.9)).then("postcode").alias("postcode"),
        )
    )
    columns = ("entity", "trap", "name", "postcode", "phone", "contact")
    rows = rows.select(*columns, firm="customs_code", year=pl.col("t") + 2004)
    second = rows.filter(trap == "second_code").with_columns(
        firm=pl.col("firm").str.head(4) + "9" + pl.col("firm").str.slice(5),
        phone=pl.lit(None, pl.String),
        postcode=pl.lit(None, pl.String),
        contact=pl.lit(None, pl.String),
    )
    return pl.concat([rows, second]).sort("firm", "year")


def _spelt(name: str, trap: str, i: int) -> str:
    """Return the name of row ``i`` as the customs register spells it."""
    if trap == "full_width":
        return f"{name[:2]}　（{name[2:5]}）{name[5:]} ".translate(FULL_WIDTH) if i % 2 else f" {name[:3]} {name[3:]}"
    if trap == "traditional":
        return name.translate(TRADITIONAL)
    if trap == "legal_form":
        stem = name.removesuffix(MADE_LIABLE).removesuffix(MADE_LIMITED)
        return stem + (MADE_LIABLE, "有限公", "責任有限公司".replace("責", "责"))[i % 3]
    if trap.startswith("slip"):
        return name[:2] + ("鹏" if name[2] != "鹏" else "鸿") + name[3:]
    return name
