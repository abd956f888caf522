"""Clean the keys of firms (name, postcode, telephone, person), and drop keys that identify nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from integrade.panel.names import Names, normalise_names
from integrade.records.schema import column_word
from plainwords.account import Entry
from plainwords.texts import say

MOST_SHARED = 20
"""A value that more firms (or records of a year) on one side share identifies no firm; a convention."""

_SAME_DIGIT = "|".join(f"^{d}+$" for d in "0123456789")
_EXTENSION = r"(?:转|轉|ext|#|\*).*$"
_FIRST_NUMBER = r"[,;/、，；\\|].*$"


def cleaned(rows: pl.DataFrame, table: str, names: Names) -> tuple[pl.DataFrame, list[Entry]]:
    """Replace raw keys by clean keys; unusable keys become missing, and their number is noted by reason.

    ``name`` is normalised (`normalise_names`). ``postcode`` has six digits. ``phone`` is the last seven digits of the
    first number without its extension. ``contact`` and ``legal_person`` are simplified and have at least two
    characters. A postcode or phone whose digits are all the same identifies nobody.
    """
    clean, entries = clean_runs(rows, table, names)
    return rows.with_columns(keys.spread(keys.heads).alias(column) for column, keys in clean.items()), entries


def clean_runs(rows: pl.DataFrame, table: str, names: Names) -> tuple[dict[str, Runs], list[Entry]]:
    """Return the runs of each key with clean values (see `cleaned`); neighbouring runs may have the same value."""
    clean: dict[str, Runs] = {}
    entries: list[Entry] = []
    for column in ("name", "contact", "legal_person", "postcode", "phone"):
        if column in rows.columns:
            values = runs(rows[column])
            plain, wrong = _clean(values.heads, column, names)
            usable, notes = _without(plain, values.lengths(), wrong, column=column, table=table)
            clean[column] = Runs(usable, values.run)
            entries += notes
    return clean, entries


class Runs(NamedTuple):
    """Runs of neighbouring rows with the same value: the value of each run, and the run of each row."""

    heads: pl.Series
    run: pl.Series

    def spread(self, of_heads: pl.Series) -> pl.Series:
        """Spread one result per run over its rows."""
        return of_heads.gather(self.run)

    def lengths(self) -> pl.Series:
        """Return the number of rows in each run."""
        return pl.Series(np.bincount(self.run.to_numpy(), minlength=len(self.heads)), dtype=pl.Int64)


def runs(column: pl.Series) -> Runs:
    """Group neighbouring rows with the same value, so that each run needs to be cleaned only once.

    In rows sorted by firm and year most values repeat.
    """
    begins = column.ne_missing(column.shift(1)) | (pl.int_range(len(column), eager=True) == 0)
    return Runs(column.filter(begins), begins.cast(pl.Int64).cum_sum() - 1)


def by_runs(column: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Apply to a column a function of single values, computing it once per run of equal rows."""
    values = runs(column)
    return values.spread(change(values.heads))


def _clean(raw: pl.Series, column: str, names: Names) -> tuple[pl.Series, Mapping[str, pl.Series]]:
    """Return clean values, and masks of values that identify nobody, by reason."""
    if column == "name":
        return normalise_names(raw, names), {}
    if column == "postcode":
        digits = _digits(raw)
        return digits, {
            say("panel.without-6-digits"): digits.str.len_chars() != 6,
            say("panel.of-one-digit"): digits.str.contains(_SAME_DIGIT),
        }
    if column == "phone":
        digits = _telephone(raw)
        last = digits.str.tail(7)
        return last, {
            say("panel.shorter-than-7"): digits.str.len_chars() < 7,
            say("panel.of-one-digit"): last.str.contains(_SAME_DIGIT),
        }
    plain = normalise_names(raw, Names(script=names.script, forms="keep"))
    return plain, {say("panel.shorter-than-2"): plain.str.len_chars() < 2}


def _digits(raw: pl.Series) -> pl.Series:
    """Return only the digits of each text; missing if there is none."""
    digits = raw.str.normalize("NFKC").str.replace_all(r"\D", "")
    return digits.set(digits == "", None)


def _telephone(raw: pl.Series) -> pl.Series:
    """Return the digits of the first number in a cell, without the extension after 转, ext, # or a last hyphen."""
    first = raw.str.normalize("NFKC").str.to_lowercase().str.strip_chars()
    first = first.str.replace(_FIRST_NUMBER, "").str.replace(_EXTENSION, "")
    return _digits(first.str.replace(r"(\d{7,})\s*-\s*\d{1,4}$", "$1"))


def _without(
    plain: pl.Series, n_rows: pl.Series, wrong: Mapping[str, pl.Series], *, column: str, table: str
) -> tuple[pl.Series, list[Entry]]:
    """Set unusable values to missing and note how many rows had each reason; ``n_rows`` is the length of each run."""
    entries, unusable = [], pl.repeat(False, len(plain), eager=True)
    for reason, mask in wrong.items():
        fresh = mask.fill_null(False) & ~unusable
        unusable |= fresh
        if fresh.any():
            first = str(plain.filter(fresh).min())
            n = int(n_rows.filter(fresh).sum())
            text = say("panel.key-not-used", column=column_word(column), why=reason, n=n)
            entries.append(Entry("match", table, "note", text, n, first))
    return plain.set(unusable, None), entries
