"""Remedies of what is not installed or not whole, of flags of a command, and of names of places."""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
import tempfile
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import polars as pl

import clusters
from integrade import fit, u_test
from integrade.engine import sessions
from integrade.engine.frames import collect, enter, write_folder
from integrade.engine.spark import announce
from integrade.geography import geography_from
from integrade.integration import relative_price
from integrade.integration.options import RelativePrice
from integrade.integration.workbook import index_workbook
from integrade.panel import firm_controls, linkage, names
from integrade.records import plugins
from integrade.report.figures import map_figure
from integrade.sources.writing.workbooks import write_workbook
from integrade.subjects.situation.figures import past_map_figure
from integrade.verdicts.bundle import Index, IndexPoint, Placed
from remedies.frame import Call, Cases, Follow, done, given, meant, ways
from remedies.tables import FOLDER, PANEL, csv, text

CASES = Cases()
refused = CASES.refused


# what is not installed: INSTALLED holds what a user has installed since
def lacking(name: str, installed: tuple[str, ...]) -> Any:
    """A machine without a package, where it is not among those installed since."""
    return contextlib.nullcontext() if name in installed else patch.dict(sys.modules, {name: None})


def install(call: Call, error: Any) -> list[Call]:
    """What the remedy says is to be installed."""
    assert "pip install 'integrade[" in error.remedy or "install a Java runtime" in error.remedy
    return [call.with_options(installed=("pyspark.sql", "java", "splink", "opencc"))]


def similar_names(installed: tuple[str, ...] = ()) -> Any:
    """What matching by similar names runs on."""
    with lacking("splink", installed):
        return linkage._splink()


def spark(environment: dict[str, str], installed: tuple[str, ...] = ()) -> Any:
    """The session of Spark, as far as a machine opens one that has no Java until it is installed."""
    made = SimpleNamespace(SparkSession=SimpleNamespace(getActiveSession=lambda: None))
    known = {"pyspark": SimpleNamespace(sql=made), "pyspark.sql": made if "pyspark.sql" in installed else None}
    there = {**environment, "PATH": str(JAVAS / "17") if "java" in installed else environment.get("PATH", "")}
    with (
        patch.dict(sys.modules, known),
        patch.dict(sessions.os.environ, there, clear=True),
        patch.object(sessions, "_driven_from_here", lambda *_: "session"),
        patch.object(sessions, "_remote", lambda *_: "session"),
    ):
        return sessions.session(1 << 30)


JAVAS = FOLDER / "javas"
for _version in ("17", "8"):
    (JAVAS / _version / "bin").mkdir(parents=True)
    for _java in (JAVAS / _version / "java", JAVAS / _version / "bin" / "java"):
        _java.write_text(f"#!/bin/sh\necho 'openjdk version \"{_version}.0.1\"' >&2\n")
        _java.chmod(0o755)
LISTENING = contextlib.ExitStack()
THERE = LISTENING.enter_context(clusters.answering(clusters.as_spark))
WEB = LISTENING.enter_context(clusters.answering(lambda _: clusters.WEB))


def renamed(call: Call, error: Any) -> list[Call]:
    """The variable as the error says, with the address of what runs."""
    environment = call.args[0]
    variable = re.search(r"correct (?:host and port in |the name in )?(SPARK_REMOTE|MASTER|JAVA_HOME)", error.remedy)
    assert variable is not None
    address = f"sc://{THERE}" if variable[1] == "SPARK_REMOTE" else f"spark://{THERE}"
    return [call.with_args({**environment, variable[1]: address})]


def java_named(call: Call, error: Any) -> list[Call]:
    """``JAVA_HOME`` names a folder with a Java that is new enough."""
    assert "install a Java runtime, 17 or later" in error.remedy
    assert "JAVA_HOME" in error.remedy
    return [call.with_args({**call.args[0], "JAVA_HOME": str(JAVAS / "17")})]


def traditional(script: str = "simplified", installed: tuple[str, ...] = ()) -> Any:
    """Names of firms with characters that only opencc can simplify."""
    with contextlib.ExitStack() as held:
        if "opencc" not in installed:
            held.enter_context(patch.object(names, "_converter", lambda: None))
        return names.simplified(pl.Series(["龘龘公司"])) if script == "simplified" else None


refused("no splink", "U100", similar_names, then=install)
refused("no Spark", "U100", spark, {}, then=install)
on_spark = {"installed": ("pyspark.sql",)}
refused("no Java", "U100", spark, {}, then=install, **on_spark)
refused("no Java there", "U100", spark, {"JAVA_HOME": "/none"}, then=java_named, **on_spark)
refused("old Java", "U100", spark, {"PATH": str(JAVAS / "8")}, then=java_named, **on_spark)
refused("no address of Connect", "U100", spark, {"SPARK_REMOTE": "http://h:1"}, then=renamed, **on_spark)
refused("no server", "D212", spark, {"SPARK_REMOTE": "sc://127.0.0.1:1"}, then=renamed, **on_spark)
refused("no such host", "D212", spark, {"SPARK_REMOTE": "sc://no.such.host.invalid"}, then=renamed, **on_spark)
refused("a web server", "D212", spark, {"SPARK_REMOTE": f"sc://{WEB}"}, then=renamed, **on_spark)
with_java = {"installed": ("pyspark.sql", "java")}
refused("no address of a master", "U100", spark, {"MASTER": "spark://host"}, then=renamed, **with_java)
refused("not a master", "D212", spark, {"MASTER": "spark://127.0.0.1:1"}, then=renamed, **with_java)
arguments = {"PYSPARK_SUBMIT_ARGS": "--master 'x"}
right = {"PYSPARK_SUBMIT_ARGS": f"--master spark://{THERE} pyspark-shell"}
refused(
    "quote without end",
    "U100",
    spark,
    arguments,
    then=done("correct PYSPARK_SUBMIT_ARGS", lambda c: c.with_args(right)),
    **with_java,
)


class Raised(Exception):
    """What PySpark raises, which need not be installed here."""

    __module__ = "pyspark.errors"


def said_by_spark(text: str, environment: dict[str, str], opening: bool = False, mended: bool = False) -> None:
    """What PySpark says as a session is opened or asked; nothing where that is mended."""
    known = {"pyspark": SimpleNamespace(__version__="4.3.0")}
    with patch.dict(sys.modules, known), patch.dict(sessions.os.environ, environment, clear=True):
        if not mended and (told := sessions.explained(Raised(text), opening=opening)):
            raise told


def newer_client(version: str) -> None:
    """A client of this version of PySpark asks a server of Spark 4.0."""
    known = {"pyspark": SimpleNamespace(__version__=version)}
    with patch.dict(sys.modules, known), patch.dict(sessions._KNOWN, {"server": "4.0.2"}):
        sessions._require_no_newer_client()


def divided_on_sail(version: str) -> None:
    """A session of Sail with this version of narwhals, which keeps its own division afterwards."""
    from narwhals._spark_like import expr, namespace

    with (
        patch("narwhals.__version__", version),
        patch.object(sessions, "sail_of", lambda _: "0.7.2"),
        patch.object(expr, "true_divide", expr.true_divide),
        patch.object(namespace, "true_divide", namespace.true_divide),
    ):
        sessions.mend_division(None)


def no_master_there(port: int) -> str:
    """A driver that writes what it finds at the address of its master."""
    started: Future[str] = Future()
    started.set_result("context")
    address = f"127.0.0.1:{port}"
    said = f"WARN {sessions.NO_MASTER} {address}" if port != 7077 else ""
    log = Path(csv(pl.DataFrame({"said": [said]}), f"log_{port}.csv"))
    with (
        patch.dict(sys.modules, {"pyspark": SimpleNamespace(__version__="4.3.0")}),
        patch.dict(sessions.os.environ, {"MASTER": f"spark://{address}"}, clear=True),
        patch.object(sessions, "log_file", lambda: log),
    ):
        sessions._unless_refused(started)
    return address


def mended(words: str) -> Follow:
    """What the remedy says was done."""
    return done(words, lambda c: c.with_options(mended=True))


SERVER = {"SPARK_REMOTE": f"sc://{THERE}"}
refused("web page of a master", "D212", no_master_there, 8080, then=done("7077", lambda c: c.with_args(7077)))
refused("token refused", "D212", said_by_spark, "UNAUTHENTICATED", SERVER, then=mended("correct the token"))
refused("Spark's memory", "S302", said_by_spark, "OutOfMemoryError", SERVER, then=mended("spark.driver.memory"))
refused("not Connect", "D212", said_by_spark, "UNAVAILABLE", SERVER, opening=True, then=mended("correct host and port"))
refused("cluster silent", "D212", said_by_spark, "UNAVAILABLE", {}, opening=True, then=mended("correct host and port"))
refused("session lost", "S303", said_by_spark, "UNAVAILABLE", SERVER, then=mended("start the server again"))
refused("Spark refuses", "S304", said_by_spark, "no", SERVER, then=mended('engine="duckdb"'))
refused("Spark without a store", "S304", said_by_spark, "AccessDenied", SERVER, then=mended("give the server"))
refused("newer PySpark", "U100", newer_client, "4.3.0", then=done("spark40]", lambda c: c.with_args("4.0.2")))
refused(
    "later narwhals on Sail",
    "U100",
    divided_on_sail,
    "2.30.0",
    then=done("pip install 'narwhals<2.30'", lambda c: c.with_args("2.29.0")),
)
refused("no opencc", "U100", traditional, then=lambda c, e: [*install(c, e), *given()(c, e)])


def installed_plugins(broken: bool = True) -> None:
    """The plugins of installed packages, one of which fails."""

    def load() -> Any:
        raise ValueError("broken")

    point = SimpleNamespace(
        value="mine:plugin", name="mine", module="mine", load=load, dist=SimpleNamespace(name="mine")
    )
    with patch.object(plugins.metadata, "entry_points", lambda **_: [point] if broken else []):
        plugins.load_installed()


refused(
    "installed plugin fails",
    "U106",
    installed_plugins,
    then=done("pip uninstall mine", lambda c: c.with_options(broken=False)),
)


# what is not whole
def rows_of(path: str) -> Any:
    """The rows of a Parquet file."""
    return collect(enter(pl.scan_parquet(path)))


WHOLE = str(FOLDER / "whole_file.parquet")
PANEL.write_parquet(WHOLE)
TORN = FOLDER / "torn_file.parquet"
_BYTES = Path(WHOLE).read_bytes()
TORN.write_bytes(_BYTES[:4] + b"\xff" * (len(_BYTES) // 2) + _BYTES[4 + len(_BYTES) // 2 :])
refused(
    "damaged Parquet file",
    "D208",
    rows_of,
    str(TORN),
    then=done("fetch or write it again", lambda c: c.with_args(WHOLE)),
)

# flags of a command
_PRICES = pl.DataFrame(
    [
        (r, y, k, 100.0 + (7 * i + 3 * y + 5 * j) % 9)
        for i, r in enumerate("ABCDE")
        for y in range(2000, 2006)
        for j, k in enumerate(("food", "fuel", "rent", "wear"))
    ],
    schema=["region", "year", "commodity", "index"],
    orient="row",
)
FILE = csv(_PRICES, "of_flags.csv")
OUT = ("--out", str(FOLDER / "of_flags_out.csv"))
INDEX = ("integration", FILE, *OUT, "--basis", "link")
cmd = CASES.command


def retyped(flag: str) -> Follow:
    """The flag as the remedy gives an example of it."""

    def follow(call: Call, error: Any) -> list[Call]:
        typed = shlex.split(error.remedy.removeprefix("for example "))
        assert typed[0] == flag
        at = call.args.index(flag)
        return [call.with_args(*call.args[:at], *typed, *call.args[at + 2 :])]

    return follow


BOOK = str(FOLDER / "of_flags_book.xlsx")


def short_sheets(prices: pl.DataFrame, **options: Any) -> None:
    """A workbook whose sheets may have a hundred rows."""
    chosen = RelativePrice(basis="link", **options)
    with patch("integrade.sources.writing.workbooks.SHEET_ROWS", 100):
        write_workbook(index_workbook(prices, relative_price(prices, chosen), chosen), BOOK)


def fewer_rows(call: Call, error: Any) -> list[Call]:
    """Neighbours alone, and fewer years."""
    assert error.remedy.endswith("or prices of fewer years, or write no workbook")
    return [*given()(call, error), call.with_args(call.args[0].filter(pl.col("year") >= 2003))]


cmd("workbook of another ending", "U100", *INDEX, "--workbook", BOOK[:-1], then=retyped("--workbook"))
cmd(
    "workbook named as the table",
    "U100",
    *("integration", FILE, "--basis", "link", "--out", BOOK, "--workbook", BOOK),
    then=done("another name", lambda c: c.with_args(*c.args[:-1], BOOK.replace("book", "other"))),
)
cmd(
    "workbook of another measure",
    "U100",
    *(*INDEX, "--workbook", BOOK, "--method", "gravity"),
    then=done("measure by --method relative_price", lambda c: c.spelt("gravity", "relative_price")),
)
cmd(
    "language of no workbook",
    "U100",
    *(*INDEX, "--language", "zh"),
    then=done("add --workbook index.xlsx", lambda c: c.with_args(*c.args, "--workbook", BOOK)),
)
NAMED = _PRICES.with_columns(
    pl.col("region").replace_strict(list("ABCDE"), ["Anhui", "Jiangsu", "Jiangxi", "Shanghai", "Zhejiang"])
)
refused("workbook longer than a sheet", "U100", short_sheets, NAMED, then=fewer_rows)
cmd("unit of no column", "U100", *INDEX, "--unit", "assets", then=retyped("--unit"))
cmd("layout of no place", "U100", *INDEX, "--layout", "sheets", then=retyped("--layout"), later="commodity")
GDP = csv(pl.DataFrame({"region": list("ABC"), "year": [2004] * 3, "real_gdp": [1.0, 2.0, 3.0]}), "of_flags_gdp.csv")
TWO = text(
    '''
import integrade as ig


@ig.measure(family="integration", needs=("prices", "gdp"), key=("region", "year"), adds={"integration": "ln units"})
def own_pair(prices, gdp, *, times: float = 1.0):
    """Prices and GDP.

    Parameters
    ----------
    times
        What it is multiplied with.
    """
    return prices.polars().group_by("region", "year").agg(integration=times)
''',
    "own_pair.py",
)


def beside(call: Call, error: Any) -> list[Call]:
    """The table that the remedy says is to be given."""
    assert error.remedy.startswith("give --with gdp=FILE with ")
    return [call.with_args(*call.args, "--with", f"gdp={GDP}")]


cmd("table beside left out", "U100", "integration", FILE, *OUT, "--plugin", TWO, "--method", "own_pair", then=beside)


ACROSS = csv(_PRICES.pivot("year", index=["region", "commodity"], values="index"), "of_flags_across.csv")
WEIGHTS = csv(
    _PRICES.select("region", "year").unique().filter(pl.col("year") > 2000).with_columns(weight=1.0),
    "of_flags_weights.csv",
)
WEIGHED = ("--basis", "link", "--partner-weights", WEIGHTS)


def typed(call: Call, error: Any) -> list[Call]:
    """The filter that the remedy prints, typed."""
    found = [way.give["where"] for way in ways(error.remedy) if "where" in way.give]
    assert found, error.remedy
    return [call.with_args(*call.args, "--where", str(one)) for one in found]


cmd("year without weights", "D210", "integration", FILE, *OUT, *WEIGHED, then=typed)
cmd("year without weights, years across", "D210", "integration", ACROSS, *OUT, *WEIGHED, then=typed)


# places
refused("country misspelt", "U101", geography_from, "Malaysa", then=meant("Malaysa"))


def currency(**options: Any) -> Any:
    """Controls with an index of assets in a currency."""
    firms = pl.DataFrame({"firm": ["a", "b"], "year": [2004, 2004], "assets": [5.0, 6.0], "founded": [1990, 1991]})
    return firm_controls(firms, fic="sa_index", **options)


refused("unit of assets unknown", "U101", currency, currency_unit="bn yuan?", later="assets are in MYR")
refused("currency of assets without its rate", "U100", currency, currency_unit="thousand MYR", then=given(per_usd=3.8))


# maps
INDEX_OF = Index("log", 1, 0, (), (), (IndexPoint("Here", 2004, 0.1, 1.0, None),))
PAST = replace(u_test(fit(PANEL, "y ~ m + m^2 | firm"), "m"), share_past_by_region={"Here": 0.5})
HERE = (Placed("Here", "H", 0, 0),)
PLACED = "specify the regions under [geography]"
refused(
    "map of no place",
    "D210",
    map_figure,
    INDEX_OF,
    then=done(PLACED, lambda c: c.with_args(replace(INDEX_OF, places=HERE))),
)
refused(
    "map of shares of no place", "D210", past_map_figure, PAST, then=done(PLACED, lambda c: c.with_options(places=HERE))
)


# tables of Spark that this process cannot hold
def of_spark(columns: int) -> Any:
    """A frame of Spark of so many columns of numbers."""
    return SimpleNamespace(dtypes=[(f"c{i}", "double") for i in range(columns)])


refused(
    "table of Spark without room",
    "S302",
    announce,
    of_spark(9),
    10**9,
    "quality",
    1 << 30,
    then=lambda c, e: [
        *done("choose fewer columns", lambda c: c.with_args(of_spark(1), 10**8, "quality", 1 << 30))(c, e),
        *done("or rows", lambda c: c.with_args(of_spark(9), 10**6, "quality", 1 << 30))(c, e),
        *done("raise INTEGRADE_MEMORY", lambda c: c.with_args(of_spark(9), 10**9, "quality", 1 << 37))(c, e),
        *done("let Spark write the result", lambda _: Call(write_folder, (enter(PANEL), f"{tempfile.mkdtemp()}/f")))(
            c, e
        ),
    ],
)
