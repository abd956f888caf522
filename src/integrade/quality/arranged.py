"""Customs rows by product, coded and sorted, for the compiled loops: read once, whatever is then asked of them.

A piece of rows is coded as it comes from the engine and put where its product stands; 24 bytes a row are kept, beyond
the memory budget in files, of which the system holds in memory what is worked on. The
texts of Polars (and of Arrow) are read by their 16-byte views, of which a Parquet file has as many as its dictionary.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade.engine.frames import (
    BATCH,
    Data,
    Frame,
    Table,
    batches,
    deferred,
    engine_of,
    held_pieces,
    memory_budget,
    spilled_numbers,
)
from integrade.quality.coding import TEXT
from integrade.records.schema import YEAR

Codes: TypeAlias = NDArray[np.int32]
Vector: TypeAlias = NDArray[np.float64]

LEAST = 500_000  # rows from which on compiled loops are faster than the engine's expressions, their import included
BYTES = 100  # a row at the peak of coding where all pieces are kept until they are put in their places: 97 measured
KEPT = 45  # a row at the peak of a measure, sums by firm and year included; beyond the budget rows stand in files
PIECES = 64  # parts of the products that threads share out among them
_ALL = slice(None)
_START = 1 << 12  # slots of a table of texts, at first
_MANY = 1 << 16  # codes of a column whose texts are looked at again: texts beyond 12 bytes that stand in no dictionary
_MOST = 2**62
_NOTHING = np.zeros(0, dtype=np.int32)
_CHANGED = "customs rows changed between two readings"


@dataclass(frozen=True)
class Arranged:
    """Rows sorted by product, destination, year, further keys and firm, one per key.

    ``starts`` (H + 1): where a product starts. Rows (n): ``market`` is destination x years + year, ``rest`` what is
    left of the key (variety, regime; empty where there is neither), ``firm`` its code (0 where there is none),
    ``value``, ``quantity``. ``levels`` and ``sizes`` as in `Coded`; ``merged``: how many rows went into others.
    ``spilled``: rows stand in files, and so do numbers by row that are made of them (`numbers`).
    """

    starts: NDArray[np.int64]
    market: Codes
    rest: Codes
    firm: Codes
    value: Vector
    quantity: Vector
    levels: Mapping[str, pl.DataFrame]
    sizes: Mapping[str, int]
    first_year: int
    merged: int
    spilled: bool = False

    @property
    def years(self) -> int:
        """How many years, from the first on."""
        return self.sizes["t"]

    def numbers(self, kind: Any = np.float64) -> NDArray[Any]:
        """Room for a number of every row."""
        return room(len(self.value), kind, spilled=self.spilled)

    def letter(self, letter: str, at: Any = _ALL) -> NDArray[Any]:
        """The codes of a letter for every row, or for some."""
        if letter == "h":
            return self._products(at)
        if letter in "gc":
            codes, regimes = self.rest[at], np.int32(self.sizes.get("c", 1))
            return np.asarray(codes // regimes if letter == "g" else codes % regimes)
        codes, years = (self.firm if letter == "f" else self.market)[at], np.int32(self.years)
        return np.asarray(codes // years if letter == "m" else codes % years if letter == "t" else codes)

    def _products(self, at: Any) -> NDArray[Any]:
        if not self.spilled:
            return np.asarray(np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), np.diff(self.starts))[at])
        rows = np.arange(*at.indices(len(self.value))) if isinstance(at, slice) else at
        return np.searchsorted(self.starts, rows, side="right").astype(np.int32) - np.int32(1)

    def rows(self, at: Any = _ALL, **more: Any) -> pl.DataFrame:
        """Rows as `Coded` has them: letters, v, q, and further columns of every row."""
        codes = {letter: self.letter(letter, at).astype(np.int64) for letter in self.sizes}
        found = {name: column[at] for name, column in {"v": self.value, "q": self.quantity, **more}.items()}
        return pl.DataFrame({**codes, **found})

    def pieces(self) -> Iterator[slice]:
        """Which rows go together where one after another is taken: all of them, if they stand in memory."""
        size = BATCH if self.spilled else max(1, len(self.value))
        return (slice(low, low + size) for low in range(0, len(self.value), size))

    def rows_by_product(self) -> pl.DataFrame:
        """h and n_rows."""
        return pl.DataFrame({"h": np.arange(len(self.starts) - 1), "n_rows": np.diff(self.starts)})

    def frame(self, home: Frame, kept: ExitStack) -> Frame:
        """The same, made when they are asked for; those in files are put on the engine of ``home`` while ``kept``."""
        if self.spilled and engine_of(home) == "duckdb":
            return kept.enter_context(held_pieces((self.rows(at) for at in self.pieces()), home))
        return deferred(self.rows, dict.fromkeys(self.sizes, pl.Int64) | {"v": pl.Float64, "q": pl.Float64})


@dataclass
class _Texts:
    """The texts of a column by the code that they got when they were first seen; a text may have several codes."""

    slots: Codes = field(default_factory=lambda: np.full(_START, -1, dtype=np.int32))
    keys: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((_START, 3), dtype=np.uint64))
    found: list[pl.Series] = field(default_factory=list)
    n: int = 0
    chunks: int = 0
    rows: int = 0
    dictionary: pl.Categories | None = None
    kept: pl.Series | None = None  # a column of the dictionary without a row: else Polars would let its texts go
    size: int = 0  # one more than the largest code

    def code(self, column: pl.Series) -> Codes:
        """Codes of the texts of a column; missing is the empty text."""
        self.rows += len(column)
        if self.dictionary is None and self.n > max(_MANY, self.rows // 2):
            self.dictionary = pl.Categories.random()
            self.kept = pl.Series([], dtype=pl.Categorical(self.dictionary))
        if self.dictionary is not None:
            known = column.fill_null("").cast(pl.Categorical(self.dictionary)).to_physical()
            codes = (known.cast(pl.Int32) + self.n).to_numpy(writable=True)
            self.size = max(self.size, int(codes.max(initial=-1)) + 1)
            return codes
        out, at = np.empty(len(column), dtype=np.int32), 0
        for chunk in column.get_chunks():
            self._code_chunk(chunk, out[at : at + len(chunk)])
            at += len(chunk)
        self.size = self.n
        return out

    def _code_chunk(self, chunk: pl.Series, out: Codes) -> None:
        from integrade.quality import loops

        texts = chunk.to_arrow(compat_level=pl.CompatLevel.newest())
        valid, views = texts.buffers()[:2]
        words = np.frombuffer(memoryview(views or b""), dtype=np.uint64).reshape(-1, 2)
        words = words[texts.offset : texts.offset + len(texts)]
        bits = np.frombuffer(memoryview(valid if valid and texts.null_count else b""), dtype=np.uint8)
        self.chunks += 1
        at = 0
        while at < len(words):
            first = np.empty(len(self.slots) // 2 + 1, dtype=np.int64)
            before = self.n
            at, self.n = loops.code_texts(
                words, bits, texts.offset, self.chunks, self.slots, self.keys, before, at, out, first
            )
            if self.n > before:
                self.found.append(chunk.gather(first[: self.n - before]).fill_null(""))
            if at < len(words):
                self.slots, self.keys = _larger(self.keys, self.n)

    def texts(self) -> pl.Series:
        """The text of every code."""
        more = [] if self.dictionary is None else [self.dictionary.to_series()]
        return pl.concat([*self.found, *more])


@dataclass
class _Pairs:
    """Pairs of codes by the code that they got when they were first seen."""

    slots: Codes = field(default_factory=lambda: np.full(_START, -1, dtype=np.int32))
    keys: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((_START, 3), dtype=np.uint64))
    n: int = 0

    def code(self, left: Codes, right: Codes) -> Codes:
        """Codes of the pairs."""
        from integrade.quality import loops

        out, at = np.empty(len(left), dtype=np.int32), 0
        while True:
            at, self.n = loops.code_pairs(left, right, self.slots, self.keys, self.n, at, out)
            if at == len(left):
                return out
            self.slots, self.keys = _larger(self.keys, self.n)


def _larger(keys: NDArray[np.uint64], n: int) -> tuple[Codes, NDArray[np.uint64]]:
    """Twice the room for codes and what is known of them."""
    from integrade.quality import loops

    slots = np.full(2 * len(keys), -1, dtype=np.int32)
    keys = np.concatenate([keys, np.zeros_like(keys)])
    loops.fill_slots(keys, n, slots)
    return slots, keys


class _Piece(NamedTuple):
    """Some rows: codes of product and of the key, year, value and quantity. ``rest`` is empty where there is none."""

    product: Codes
    market: Codes
    year: NDArray[np.int16]
    rest: Codes
    firm: Codes
    value: Vector
    quantity: Vector


class _Ranked(NamedTuple):
    """Levels in order, and the rank of each code among them."""

    levels: pl.DataFrame
    rank: Codes


@dataclass(frozen=True)
class _Coding:
    """What is known of the texts of customs rows while their pieces are coded."""

    columns: Mapping[str, _Texts]
    products: _Pairs = field(default_factory=_Pairs)
    rests: _Pairs = field(default_factory=_Pairs)

    def piece(self, rows: pl.DataFrame, pool: Executor) -> _Piece | None:
        """A piece of rows in codes; None where a number is missing or impossible."""
        numbers = [rows[n].cast(pl.Float64).to_numpy() for n in ("value", "quantity")]
        years = rows["year"]
        if rows.height and not (_positive(numbers) and _in_range(years)):
            return None
        coded = self.codes(rows, pool)
        rest = coded.get("variety", coded.get("regime", _NOTHING))
        if "variety" in coded and "regime" in coded:
            rest = self.rests.code(coded["variety"], coded["regime"])
        firm = coded.get("firm")
        return _Piece(
            self.product(coded),
            coded["destination"],
            years.cast(pl.Int16).to_numpy(),
            rest,
            np.zeros(rows.height, dtype=np.int32) if firm is None else firm,
            *numbers,
        )

    def product(self, coded: Mapping[str, Codes]) -> Codes:
        """The code of product and unit."""
        return self.products.code(coded["product"], coded["unit"]) if "unit" in coded else coded["product"]

    def codes(self, rows: pl.DataFrame, pool: Executor) -> dict[str, Codes]:
        """The codes of every text, by column."""
        names = [name for name in self.columns if name in rows.columns]
        return dict(zip(names, pool.map(lambda name: self.columns[name].code(rows[name]), names), strict=True))

    @property
    def n_products(self) -> int:
        """How many codes of products (and units) there are."""
        return self.products.n if "unit" in self.columns else self.columns["product"].size

    def ranks(self) -> dict[str, _Ranked] | None:
        """Levels and ranks by letter; None where a text that must be there is not."""
        for name in ("firm", "product", "destination"):
            if name in self.columns and (self.columns[name].texts() == "").any():
                return None
        return {letter: self.ranked(letter) for letter, names in TEXT.items() if set(names) & set(self.columns)}

    def ranked(self, letter: str, levels: pl.DataFrame | None = None) -> _Ranked:
        """The levels of a letter (where they are not known) and the rank of each code among them.

        Raises `RuntimeError` where a text is none of the levels known: the rows are not those that were read before.
        """
        here = [name for name in TEXT[letter] if name in self.columns]
        texts = pl.DataFrame([self.columns[name].texts().alias(name) for name in here[:1]])
        if len(here) == 2:
            pairs = self.products.keys[: self.products.n]
            columns = [self.columns[name].texts().gather(pairs[:, i]).alias(name) for i, name in enumerate(here)]
            texts = pl.DataFrame(columns)
        levels = texts.unique().sort(here) if levels is None else levels
        rank = texts.join(levels.with_row_index("rank"), on=here, how="left", maintain_order="left")["rank"]
        if rank.null_count():
            raise RuntimeError(_CHANGED)
        return _Ranked(levels, rank.cast(pl.Int32).to_numpy(writable=True))

    def rest_rank(self, ranks: Mapping[str, _Ranked]) -> Codes:
        """The rank of each code of what is left of the key: varieties by regimes."""
        if not {"g", "c"} <= set(ranks):
            return next((ranks[letter].rank for letter in ("g", "c") if letter in ranks), _NOTHING)
        pairs = self.rests.keys[: self.rests.n].astype(np.int64)
        regimes = np.int32(ranks["c"].levels.height)
        return ranks["g"].rank[pairs[:, 0]] * regimes + ranks["c"].rank[pairs[:, 1]]


def _positive(numbers: Sequence[Vector]) -> bool:
    return all(x.min() > 0 and x.max() < math.inf for x in numbers)  # a missing number is neither


def _in_range(years: pl.Series) -> bool:
    return years.null_count() == 0 and bool(years.is_between(YEAR.low or 0, YEAR.high or 0).all())


def is_plain(frame: Frame, given: Data) -> bool:
    """Whether the columns of customs have the types that `conform` gives them, so that only values are looked at."""
    if isinstance(given, Table) and given.conformed:
        return False
    kinds = dict(frame.collect_schema())
    texts = [name for here in TEXT.values() for name in here if name in kinds]
    return (
        {"product", "destination", "year", "value", "quantity"} <= set(kinds)
        and "month" not in kinds
        and all(kinds[name] == nw.String for name in texts)
        and kinds["year"].is_integer()
        and all(kinds[name].is_float() or kinds[name].is_integer() for name in ("value", "quantity"))
    )


def arranged(frame: Frame, n: int) -> Arranged | None:
    """Customs rows (``n`` at most) by product.

    None for rows that `conform` has to see, on Spark, and for keys beyond 62 bits.
    """
    from integrade.engine.compiling import threads

    if engine_of(frame) == "spark":
        return None
    names = frame.collect_schema().names()
    texts = [name for here in TEXT.values() for name in here if name in names]
    frame = frame.select(*texts, "year", "value", "quantity")
    coding = _Coding({name: _Texts() for name in texts})
    with ThreadPoolExecutor(threads()) as pool:
        if n * BYTES <= memory_budget():
            pieces: list[_Piece] = []
            for rows in batches(frame):
                piece = coding.piece(rows, pool)
                if piece is None:
                    return None
                pieces.append(piece)
            return _from_pieces(pieces, coding, pool)
        return _from_passes(frame, coding, pool, spilled=n * KEPT > memory_budget())


def _from_pieces(pieces: Sequence[_Piece], coding: _Coding, pool: Executor) -> Arranged | None:
    """All pieces are held until products and their rows are known."""
    ranks = coding.ranks()
    if ranks is None:
        return None
    rank = ranks["h"].rank
    counts = sum(np.bincount(piece.product, minlength=len(rank)) for piece in pieces)
    placed = _Places.of(np.bincount(rank, counts), further=bool({"g", "c"} & set(ranks)))
    placed.put(pieces, rank, pool)
    return _in_order(placed, coding, ranks, pool)


def _from_passes(frame: Frame, coding: _Coding, pool: Executor, *, spilled: bool) -> Arranged | None:
    """Products and their rows are counted first, so that every piece goes where it belongs and is let go."""
    first = _Coding({name: _Texts() for name in TEXT["h"] if name in coding.columns})
    counts = np.zeros(0, dtype=np.int64)
    for rows in batches(frame.select(*first.columns)):
        here = np.bincount(first.product(first.codes(rows, pool)), minlength=len(counts))
        here[: len(counts)] += counts
        counts = here
    products = first.ranks()
    if products is None:
        return None
    levels, rank = products["h"]
    further = bool({"variety", "regime"} & set(coding.columns))
    placed = _Places.of(np.bincount(rank, counts), further=further, spilled=spilled)
    rank = rank[:0]
    for rows in batches(frame):
        piece = coding.piece(rows, pool)
        if piece is None:
            return None
        if len(rank) < coding.n_products:
            rank = coding.ranked("h", levels).rank
        placed.put([piece], rank, pool)
    ranks = coding.ranks()
    return None if ranks is None else _in_order(placed, coding, ranks, pool)


class _Places(NamedTuple):
    """Where the rows of each product stand, and where its next one goes; the rows, as those of a `_Piece`."""

    starts: NDArray[np.int64]
    cursor: NDArray[np.int64]
    rows: tuple[NDArray[Any], ...]
    spilled: bool

    @classmethod
    def of(cls, counts: NDArray[Any], *, further: bool, spilled: bool = False) -> _Places:
        """Room for so many rows of each product."""
        starts = np.concatenate([[0], np.cumsum(counts.astype(np.int64))])
        n = int(starts[-1])
        kinds: tuple[Any, ...] = (np.int32, np.int16, np.int32, np.int32, np.float64, np.float64)
        rows = tuple(room(n if i != 2 or further else 0, kind, spilled=spilled) for i, kind in enumerate(kinds))
        return cls(starts, starts[:-1].copy(), rows, spilled)

    def put(self, pieces: Sequence[_Piece], rank: Codes, pool: Executor) -> None:
        """Put rows where their products stand; a product is one thread's."""
        from integrade.engine.compiling import threads
        from integrade.quality import loops

        for piece in pieces:
            _check(piece.product, rank)

        def products(of: tuple[int, int]) -> None:
            for piece in pieces:
                loops.scatter(*of, self.cursor, piece.product, rank, *piece[1:], *self.rows)

        list(pool.map(products, shares(self.starts, threads())))


def room(n: int, kind: Any, *, spilled: bool) -> NDArray[Any]:
    """Room for so many numbers, in memory or in a file."""
    return spilled_numbers(n, kind) if spilled and n else np.empty(n, dtype=kind)


def _check(codes: Codes, rank: Codes) -> None:
    """Compiled loops look no code up that has no rank: they would read what lies beside. Raises `IndexError`."""
    if len(codes) and not 0 <= codes.min() <= codes.max() < len(rank):
        raise IndexError(f"code {codes.max()} of {len(rank)} texts")


def shares(starts: NDArray[np.int64], parts: int) -> list[tuple[int, int]]:
    """Consecutive products in about equal parts of the rows: the first one and the one after the last."""
    cuts = np.searchsorted(starts, np.linspace(0, starts[-1], parts + 1)[1:-1])
    ends = sorted({0, len(starts) - 1, *cuts.tolist()})
    return list(pairwise(ends))


def _in_order(placed: _Places, coding: _Coding, ranks: Mapping[str, _Ranked], pool: Executor) -> Arranged | None:
    """Rows sorted by key within their products, repeated ones summed."""
    from integrade.quality import loops

    if not np.array_equal(placed.cursor, placed.starts[1:]):
        raise RuntimeError(_CHANGED)
    market, year, rest, firm, value, quantity = placed.rows
    first = int(year.min())
    levels = {letter: ranks[letter].levels for letter in TEXT if letter in ranks}
    sizes = {letter: found.height for letter, found in levels.items()} | {"t": int(year.max()) - first + 1}
    rests, firms = sizes.get("g", 1) * sizes.get("c", 1), sizes.get("f", 1)
    if sizes["m"] * sizes["t"] >= 2**31 or rests >= 2**31 or sizes["m"] * sizes["t"] * rests * firms >= _MOST:
        return None
    nobody = np.zeros(1, dtype=np.int32)
    by = ranks["m"].rank, coding.rest_rank(ranks), ranks["f"].rank if "f" in ranks else nobody
    for codes, rank in zip((market, rest, firm), by, strict=True):
        _check(codes, rank)
    counts = np.array([sizes["t"], first, rests, firms])
    kept = np.zeros(len(placed.starts) - 1, dtype=np.int64)

    def products(of: tuple[int, int]) -> None:
        low, high = of
        loops.arrange(low, high, placed.starts, *by, counts, market, year, rest, firm, value, quantity, kept)

    list(pool.map(products, shares(placed.starts, PIECES)))
    left, merged = int(kept.sum()), len(value) - int(kept.sum())
    if merged:
        loops.close_gaps(placed.starts, kept, market, rest, firm, value, quantity)
    rows = (market[:left], rest[:left], firm[:left], value[:left], quantity[:left])
    return Arranged(placed.starts, *rows, levels, sizes, first, merged, placed.spilled)
