"""Link records probabilistically with splink: compare records, estimate weights and score pairs.

No other file uses splink.

Records have the columns in `COLUMNS`. For each level of a comparison, a model holds two shares of pairs that have this
level: m among pairs of the same firm, and u among pairs of different firms.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple
from uuid import uuid4

import narwhals as nw
import polars as pl

from integrade.engine.exact import across
from integrade.engine.frames import Frame, collect, duckdb_connection, on_engine
from integrade.errors import UsageError

COLUMNS = ("name", "stem", "start", "end", "place", "city", "province", "postcode", "phone", "contact")
COMPARED = tuple(c for c in COLUMNS if c not in ("start", "end"))
_SAME_PLACE = "coalesce(province_l = province_r, true) and coalesce(city_l = city_r, true)"

_ONE = (
    f"(levenshtein(stem_l, stem_r) = 1 and {_SAME_PLACE} "
    "or (place_l is null or place_r is null) and levenshtein(name_l, name_r) = 1)"
)
"""One character differs: in the stem, or in the name of the place, which is then not recognised."""


class Level(NamedTuple):
    """One outcome of a comparison: its description, and its condition in SQL (the same on DuckDB and Spark)."""

    text: str
    condition: str


LEVELS: Mapping[str, tuple[Level, ...]] = {
    "name": (
        Level("same", "name_l = name_r"),
        Level("same but for place and legal form", f"stem_l = stem_r and {_SAME_PLACE}"),
        Level("one character differs", f"length(stem_l) > 3 and {_ONE}"),
        Level("two characters differ", f"length(stem_l) > 4 and levenshtein(stem_l, stem_r) = 2 and {_SAME_PLACE}"),
        Level("same in another place", "stem_l = stem_r"),
        Level("other", "ELSE"),
    ),
    "postcode": (
        Level("same", "postcode_l = postcode_r"),
        Level("first four digits", "substr(postcode_l, 1, 4) = substr(postcode_r, 1, 4)"),
        Level("other", "ELSE"),
    ),
    "phone": (
        Level("same", "phone_l = phone_r"),
        Level("one digit differs", "levenshtein(phone_l, phone_r) = 1"),
        Level("other", "ELSE"),
    ),
    "contact": (Level("same", "contact_l = contact_r"), Level("other", "ELSE")),
}
"""Comparison -> its levels; a comparison with a missing value has weight 0."""

NEEDED = {"name": "stem", "postcode": "postcode", "phone": "phone", "contact": "contact"}
BLOCKS: tuple[tuple[str, ...], ...] = (
    ("stem",),
    ("phone",),
    ("postcode", "start"),
    ("postcode", "end"),
    ("place", "start"),
    ("place", "end"),
    ("contact", "postcode"),
)
"""Sets of columns; a pair is compared only if all columns of at least one set are equal.

Two names that differ by one character still share their start or their end.
"""

Engine = Literal["duckdb", "spark"]
Shares = Mapping[str, tuple[float, ...]]


class Model(NamedTuple):
    """For each comparison, the shares of its levels (in order) among pairs of the same firm and of different firms."""

    m: Shares
    u: Shares


def counts_of_levels(left: pl.DataFrame, right: pl.DataFrame, block: str) -> dict[str, list[int]]:
    """Count each level among the pairs that share the column ``block``; missing values are not counted.

    DuckDB counts in one pass over the pairs, whatever engine splink uses, because samples and links have few pairs.
    """
    # the conditions use the compared columns with the endings _l and _r
    columns = pl.col(block, *COMPARED).name
    ours, theirs = (
        on_engine(side.select(columns.suffix(ending)), "duckdb") for side, ending in ((left, "_l"), (right, "_r"))
    )
    pairs: Any = nw.to_native(ours.join(theirs, left_on=f"{block}_l", right_on=f"{block}_r"))
    levels = ", ".join(f"{_level_of(name)} as {name}" for name in LEVELS)
    rows = pairs.query("pairs", f"select {levels}, count(*) as n from pairs group by all").fetchall()
    seen = {name: [0] * len(levels) for name, levels in LEVELS.items()}
    for *at, n in rows:
        for name, level in zip(LEVELS, at, strict=True):
            if level is not None:
                seen[name][level] += n
    return seen


def _level_of(name: str) -> str:
    """Return SQL for the number of the level of a pair; null if a value is missing."""
    *levels, _ = LEVELS[name]
    cases = " ".join(f"when {level.condition} then {i}" for i, level in enumerate(levels))
    return f"case when {_missing(name)} then null {cases} else {len(levels)} end"


def _missing(name: str) -> str:
    return f"{NEEDED[name]}_l is null or {NEEDED[name]}_r is null"


def scored_pairs(
    left: pl.DataFrame, right: pl.DataFrame, model: Model, prior: float, *, least: float, engine: Engine
) -> pl.DataFrame:
    """Return pairs of records with a match weight (log2 odds) of at least ``least``, and the weight of each comparison.

    Columns: left and right (row numbers of the two sides), weight, probability; for each comparison its level
    (``at_NAME``, missing if a value is missing) and weight (``weight_NAME``).
    """
    with _scored(left, right, model, _Task(prior, least, engine)) as lazy:
        scored = collect(lazy)
    levels_at, weights = dict[str, pl.Expr](), dict[str, pl.Expr]()
    for name, levels in LEVELS.items():
        texts = {len(levels) - 1 - i: level.text for i, level in enumerate(levels)}
        number = pl.col(f"gamma_{name}").cast(pl.Int64)
        levels_at[f"at_{name}"] = number.replace_strict(texts, default=None, return_dtype=pl.String)
        summands = [c for c in (f"mw_{name}", f"mw_tf_adj_{name}") if c in scored.columns]
        weights[f"weight_{name}"] = across(*[pl.col(c).cast(pl.Float64) for c in summands])
    rows = scored.select(
        left=pl.col("unique_id_l").cast(pl.UInt32),
        right=pl.col("unique_id_r").cast(pl.UInt32),
        weight=pl.col("match_weight").cast(pl.Float64),
        probability=pl.col("match_probability").cast(pl.Float64),
        **levels_at,
        **weights,
    )
    return rows.sort("left", "right")


class _Task(NamedTuple):
    prior: float
    least: float
    engine: Engine


@contextmanager
def _scored(left: pl.DataFrame, right: pl.DataFrame, model: Model, task: _Task) -> Iterator[Frame]:
    """Yield all pairs of the blocks with levels and weights from splink; ids are row numbers."""
    splink = _splink()
    quiet = logging.getLogger("splink")
    before = quiet.level
    sides = [side.select(*COLUMNS, unique_id=pl.int_range(pl.len(), dtype=pl.Int64)) for side in (left, right)]
    natives = [nw.to_native(on_engine(side, task.engine)) for side in sides]
    api = _api(task.engine, natives[0])
    number = uuid4().hex
    settings = {
        "link_type": "link_only",
        "probability_two_random_records_match": task.prior,
        "comparisons": [_comparison(name, model) for name in LEVELS],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": " and ".join(f"l.{c} = r.{c}" for c in block)} for block in BLOCKS
        ],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }
    try:
        quiet.setLevel(logging.ERROR)
        # splink puts the table whose name comes first on the left
        tables = [api.register(rows, table_name=f"integrade_{number}_{i}") for i, rows in enumerate(natives)]
        linker = splink.Linker(tables, settings, log_level=logging.ERROR)
        scored = linker.inference.predict(threshold_match_weight=task.least)
        native = scored.as_spark_dataframe() if task.engine == "spark" else scored.as_duckdbpyrelation()
        yield nw.from_native(native).lazy()
        scored.drop_table_from_database_and_remove_from_cache()
    finally:
        quiet.setLevel(before)


def _comparison(name: str, model: Model) -> dict[str, Any]:
    """Return splink's settings of one comparison, with the shares of the model."""
    null = {"sql_condition": _missing(name), "label_for_charts": "missing", "is_null_level": True}
    levels = [
        {"sql_condition": level.condition, "label_for_charts": level.text, "m_probability": m, "u_probability": u}
        for level, m, u in zip(LEVELS[name], model.m[name], model.u[name], strict=True)
    ]
    if name == "contact":  # agreement on a common name is weaker evidence than on a rare one
        levels[0] |= {"tf_adjustment_column": "contact", "tf_adjustment_weight": 1.0}
    return {"output_column_name": name, "comparison_levels": [null, *levels]}


def _splink() -> Any:
    """Import splink. Raise `UsageError` if it is not installed."""
    try:
        import splink
    except ImportError:
        raise UsageError(
            "matching by similar names needs splink",
            remedy="pip install 'integrade[match]', or leave it out: the exact steps do not require it",
        ) from None
    return splink


def _api(engine: Engine, rows: Any) -> Any:
    if engine == "spark":
        from splink.backends.spark import SparkAPI

        on_spark: Any = SparkAPI
        session = rows.sparkSession
        return on_spark(spark_session=session, break_lineage_method="persist", register_udfs_automatically=False)
    from splink.backends.duckdb import DuckDBAPI

    return DuckDBAPI(connection=duckdb_connection())


def smoothed(counts: Sequence[int]) -> tuple[float, ...]:
    """Return shares of levels with half a count added to each, so that no level has probability 0.

    Half a count is the usual correction (Jeffreys prior).
    """
    total = sum(counts) + 0.5 * len(counts)
    return tuple((n + 0.5) / total for n in counts)
