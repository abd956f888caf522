"""Code customs rows and sort them by product, for the compiled loops.

Rows come from the engine in pieces. Each piece is coded and its rows are copied to the ranges of their products. If the
rows exceed the memory budget, the ranges are in memory-mapped files. Texts of Polars (and Arrow) are read through their
16-byte views. The texts of a Parquet column have only as many distinct views as its dictionary has entries.
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

LEAST = 500_000  # with fewer rows, the engine's expressions are faster than compiled loops and the import of numba
BYTES = 100  # bytes a row at the peak of coding in one reading, which keeps all pieces in memory: 97 measured
KEPT = 45  # bytes a row at the peak of a measure, with sums by firm and year; rows that need more memory are in files
PIECES = 64  # parts into which products are split among threads
_ALL = slice(None)
_START = 1 << 12  # initial slots of a hash table of texts
# Polars codes a column that has more codes than this and than half its rows: outside a dictionary, texts over 12 bytes
# get many codes.
_MANY = 1 << 16
_MOST = 2**62
_NOTHING = np.zeros(0, dtype=np.int32)
_CHANGED = "customs rows changed between two readings"


@dataclass(frozen=True)
class Arranged:
    """Customs rows sorted by product, destination, year, further keys and firm, with one row per key.

    ``starts`` (H + 1): the first row of each product. Rows (n): ``market`` is destination x years + year, ``rest`` the
    code of the further keys (variety, regime; empty without either), ``firm`` its code (0 without firms), ``value``,
    ``quantity``. ``levels`` and ``sizes`` are described in `Coded`. ``merged``: how many rows were summed into others.
    ``spilled``: rows are in files, and new arrays with one number per row are too (`numbers`).
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
        """Return the number of years from the first to the last."""
        return self.sizes["t"]

    def numbers(self, kind: Any = np.float64) -> NDArray[Any]:
        """Return an uninitialised array with one number for every row."""
        return room(len(self.value), kind, spilled=self.spilled)

    def letter(self, letter: str, at: Any = _ALL) -> NDArray[Any]:
        """Return codes of a letter (h product, m destination, t year, g variety, c regime, f firm) for rows ``at``."""
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
        """Return rows with the columns of `Coded` (letters, v, q) and the columns ``more``, one value per row."""
        codes = {letter: self.letter(letter, at).astype(np.int64) for letter in self.sizes}
        numbers = {name: column[at] for name, column in {"v": self.value, "q": self.quantity, **more}.items()}
        return pl.DataFrame({**codes, **numbers})

    def pieces(self) -> Iterator[slice]:
        """Yield slices of rows to process together; one slice if the table fits in memory."""
        size = BATCH if self.spilled else max(1, len(self.value))
        return (slice(low, low + size) for low in range(0, len(self.value), size))

    def rows_by_product(self) -> pl.DataFrame:
        """Return a table with the number of rows ``n_rows`` of each product ``h``."""
        return pl.DataFrame({"h": np.arange(len(self.starts) - 1), "n_rows": np.diff(self.starts)})

    def frame(self, home: Frame, kept: ExitStack) -> Frame:
        """Return the rows as a lazy frame.

        Rows in files go to the engine of ``home`` if it is DuckDB, and stay there until ``kept`` is closed.
        """
        if self.spilled and engine_of(home) == "duckdb":
            return kept.enter_context(held_pieces((self.rows(at) for at in self.pieces()), home))
        return deferred(self.rows, dict.fromkeys(self.sizes, pl.Int64) | {"v": pl.Float64, "q": pl.Float64})


@dataclass
class _Texts:
    """The distinct texts of a column, coded in the order of first occurrence; a text may have several codes."""

    slots: Codes = field(default_factory=lambda: np.full(_START, -1, dtype=np.int32))
    keys: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((_START, 3), dtype=np.uint64))
    seen: list[pl.Series] = field(default_factory=list)
    n: int = 0
    chunks: int = 0
    rows: int = 0
    dictionary: pl.Categories | None = None
    kept: pl.Series | None = None  # an empty column keeps the dictionary alive: otherwise Polars frees its texts
    size: int = 0  # one more than the largest code

    def code(self, column: pl.Series) -> Codes:
        """Return the codes of the texts of a column; missing is the empty text."""
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
                self.seen.append(chunk.gather(first[: self.n - before]).fill_null(""))
            if at < len(words):
                self.slots, self.keys = _larger(self.keys, self.n)

    def texts(self) -> pl.Series:
        """Return the text of every code."""
        more = [] if self.dictionary is None else [self.dictionary.to_series()]
        return pl.concat([*self.seen, *more])


@dataclass
class _Pairs:
    """The distinct pairs of codes, coded in the order of first occurrence."""

    slots: Codes = field(default_factory=lambda: np.full(_START, -1, dtype=np.int32))
    keys: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((_START, 3), dtype=np.uint64))
    n: int = 0

    def code(self, left: Codes, right: Codes) -> Codes:
        """Return the codes of the pairs."""
        from integrade.quality import loops

        out, at = np.empty(len(left), dtype=np.int32), 0
        while True:
            at, self.n = loops.code_pairs(left, right, self.slots, self.keys, self.n, at, out)
            if at == len(left):
                return out
            self.slots, self.keys = _larger(self.keys, self.n)


def _larger(keys: NDArray[np.uint64], n: int) -> tuple[Codes, NDArray[np.uint64]]:
    """Return a hash table with twice the slots and room for twice the keys; the known keys are already inserted."""
    from integrade.quality import loops

    slots = np.full(2 * len(keys), -1, dtype=np.int32)
    keys = np.concatenate([keys, np.zeros_like(keys)])
    loops.fill_slots(keys, n, slots)
    return slots, keys


class _Piece(NamedTuple):
    """A piece of the rows: the codes of product and keys, and year, value, quantity.

    ``rest`` is empty if there are no further keys.
    """

    product: Codes
    market: Codes
    year: NDArray[np.int16]
    rest: Codes
    firm: Codes
    value: Vector
    quantity: Vector


class _Ranked(NamedTuple):
    """The sorted levels of a letter, and the rank of each code among these levels."""

    levels: pl.DataFrame
    rank: Codes


@dataclass(frozen=True)
class _Coding:
    """The texts of customs rows seen so far while pieces are coded."""

    columns: Mapping[str, _Texts]
    products: _Pairs = field(default_factory=_Pairs)
    rests: _Pairs = field(default_factory=_Pairs)

    def piece(self, rows: pl.DataFrame, pool: Executor) -> _Piece | None:
        """Return a piece of rows as codes; None if a number is missing or impossible."""
        numbers = [rows[n].cast(pl.Float64).to_numpy() for n in ("value", "quantity")]
        years = rows["year"]
        if rows.height:
            # a missing number fails both comparisons
            positive = all(x.min() > 0 and x.max() < math.inf for x in numbers)
            in_range = years.null_count() == 0 and bool(years.is_between(YEAR.low or 0, YEAR.high or 0).all())
            if not (positive and in_range):
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
        """Return the code of product and unit."""
        return self.products.code(coded["product"], coded["unit"]) if "unit" in coded else coded["product"]

    def codes(self, rows: pl.DataFrame, pool: Executor) -> dict[str, Codes]:
        """Return the codes of every text column, by column."""
        names = [name for name in self.columns if name in rows.columns]
        return dict(zip(names, pool.map(lambda name: self.columns[name].code(rows[name]), names), strict=True))

    @property
    def n_products(self) -> int:
        """Return the number of codes of products (and units)."""
        return self.products.n if "unit" in self.columns else self.columns["product"].size

    def ranks(self) -> dict[str, _Ranked] | None:
        """Return levels and ranks by letter; None if a firm, product or destination is missing."""
        for name in ("firm", "product", "destination"):
            if name in self.columns and (self.columns[name].texts() == "").any():
                return None
        return {letter: self.ranked(letter) for letter, names in TEXT.items() if set(names) & set(self.columns)}

    def ranked(self, letter: str, levels: pl.DataFrame | None = None) -> _Ranked:
        """Return the levels of a letter (``levels``, if given) and the rank of each code among them.

        Raises `RuntimeError` if a text is not among ``levels``, because the rows then changed since the first reading.
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
        """Return the rank of each code of the further keys (variety, regime, or pairs of both)."""
        if not {"g", "c"} <= set(ranks):
            return next((ranks[letter].rank for letter in ("g", "c") if letter in ranks), _NOTHING)
        pairs = self.rests.keys[: self.rests.n].astype(np.int64)
        regimes = np.int32(ranks["c"].levels.height)
        return ranks["g"].rank[pairs[:, 0]] * regimes + ranks["c"].rank[pairs[:, 1]]


def is_plain(frame: Frame, customs: Data) -> bool:
    """Return whether customs has the column types that `conform` produces, so that only values must be checked."""
    if isinstance(customs, Table) and customs.conformed:
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
    """Return customs rows (at most ``n``) arranged by product.

    Return None for rows that need `conform`, for Spark, and for keys of more than 62 bits.
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
    """Arrange rows in one reading, which keeps all pieces in memory until the rows of each product are counted."""
    ranks = coding.ranks()
    if ranks is None:
        return None
    rank = ranks["h"].rank
    counts = sum(np.bincount(piece.product, minlength=len(rank)) for piece in pieces)
    placed = _Places.of(np.bincount(rank, counts), further=bool({"g", "c"} & set(ranks)))
    placed.put(pieces, rank, pool)
    return _in_order(placed, coding, ranks, pool)


def _from_passes(frame: Frame, coding: _Coding, pool: Executor, *, spilled: bool) -> Arranged | None:
    """Arrange rows in two readings: count the rows of each product, then copy each piece and free it."""
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
    """Arrays for the arranged rows: the start and the next free row of each product, and the columns of a `_Piece`."""

    starts: NDArray[np.int64]
    cursor: NDArray[np.int64]
    rows: tuple[NDArray[Any], ...]
    spilled: bool

    @classmethod
    def of(cls, counts: NDArray[Any], *, further: bool, spilled: bool = False) -> _Places:
        """Return empty arrays for the given number of rows of each product."""
        starts = np.concatenate([[0], np.cumsum(counts.astype(np.int64))])
        n = int(starts[-1])
        kinds: tuple[Any, ...] = (np.int32, np.int16, np.int32, np.int32, np.float64, np.float64)
        rows = tuple(room(n if i != 2 or further else 0, kind, spilled=spilled) for i, kind in enumerate(kinds))
        return cls(starts, starts[:-1].copy(), rows, spilled)

    def put(self, pieces: Sequence[_Piece], rank: Codes, pool: Executor) -> None:
        """Copy rows to the ranges of their products; each product belongs to one thread."""
        from integrade.engine.compiling import threads
        from integrade.quality import loops

        for piece in pieces:
            _check(piece.product, rank)

        def products(of: tuple[int, int]) -> None:
            for piece in pieces:
                loops.scatter(*of, self.cursor, piece.product, rank, *piece[1:], *self.rows)

        list(pool.map(products, shares(self.starts, threads())))


def room(n: int, kind: Any, *, spilled: bool) -> NDArray[Any]:
    """Return an uninitialised array of ``n`` numbers, in memory or, if ``spilled``, in a file."""
    return spilled_numbers(n, kind) if spilled and n else np.empty(n, dtype=kind)


def _check(codes: Codes, rank: Codes) -> None:
    """Refuse codes without a rank, because compiled loops do not check bounds. Raises `IndexError`."""
    if len(codes) and not 0 <= codes.min() <= codes.max() < len(rank):
        raise IndexError(f"code {codes.max()} of {len(rank)} texts")


def shares(starts: NDArray[np.int64], parts: int) -> list[tuple[int, int]]:
    """Split the products into consecutive parts with about equal numbers of rows.

    Return (first, last + 1) of each part.
    """
    cuts = np.searchsorted(starts, np.linspace(0, starts[-1], parts + 1)[1:-1])
    ends = sorted({0, len(starts) - 1, *cuts.tolist()})
    return list(pairwise(ends))


def _in_order(placed: _Places, coding: _Coding, ranks: Mapping[str, _Ranked], pool: Executor) -> Arranged | None:
    """Sort rows by key within their products and sum rows with the same key.

    Return None for keys of more than 62 bits.
    """
    from integrade.quality import loops

    if not np.array_equal(placed.cursor, placed.starts[1:]):
        raise RuntimeError(_CHANGED)
    market, year, rest, firm, value, quantity = placed.rows
    first = int(year.min())
    levels = {letter: ranks[letter].levels for letter in TEXT if letter in ranks}
    sizes = {letter: texts.height for letter, texts in levels.items()} | {"t": int(year.max()) - first + 1}
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
