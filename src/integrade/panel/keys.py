"""What a firm is recognised by: postcode, telephone and person, cleaned, with those that identify nobody left out."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from integrade.account import Entry
from integrade.panel.names import Names, normalise_names
from integrade.schema import column_word
from integrade.texts import say

MOST_SHARED = 20
"""A name that more firms than this bear on one side says nothing about which firm it is."""

_SAME_DIGIT = "|".join(f"^{d}+$" for d in "0123456789")
_EXTENSION = r"(?:转|轉|ext|#|\*).*$"
_FIRST_NUMBER = r"[,;/、，；\\|].*$"


def cleaned(rows: pl.DataFrame, table: str, names: Names) -> tuple[pl.DataFrame, list[Entry]]:
    """Rows with usable keys instead of raw ones, missing where unusable, and how many of each were left out and why.

    ``name`` is normalised; ``postcode`` has six digits; ``phone`` is the last seven digits of the first number without
    its extension; ``contact`` and ``legal_person`` are simplified and have two characters at least. All digits the same
    identify nobody.
    """
    entries = []
    for column in ("name", "contact", "legal_person"):
        if column in rows.columns:
            how = names if column == "name" else Names(script=names.script, forms="keep")
            plain = normalise_names(rows[column], how).alias(column)
            reasons: dict[str, pl.Series] = {}
            if column != "name":
                reasons = {say("panel.shorter-than-2"): plain.str.len_chars() < 2}
            rows, found = _without(rows.with_columns(plain), column, reasons, table)
            entries += found
    if "postcode" in rows.columns:
        digits = _digits(rows["postcode"])
        wrong: dict[str, pl.Series] = {
            say("panel.without-6-digits"): digits.str.len_chars() != 6,
            say("panel.of-one-digit"): digits.str.contains(_SAME_DIGIT),
        }
        rows, found = _without(rows.with_columns(digits.alias("postcode")), "postcode", wrong, table)
        entries += found
    if "phone" in rows.columns:
        digits = _telephone(rows["phone"])
        last = digits.str.tail(7)
        wrong = {
            say("panel.shorter-than-7"): digits.str.len_chars() < 7,
            say("panel.of-one-digit"): last.str.contains(_SAME_DIGIT),
        }
        rows, found = _without(rows.with_columns(last.alias("phone")), "phone", wrong, table)
        entries += found
    return rows, entries


def _digits(raw: pl.Series) -> pl.Series:
    digits = raw.str.normalize("NFKC").str.replace_all(r"\D", "")
    return digits.set(digits == "", None)


def _telephone(raw: pl.Series) -> pl.Series:
    """The digits of the first number in a cell, without the extension after 转, ext, # or a last hyphen."""
    first = raw.str.normalize("NFKC").str.to_lowercase().str.strip_chars()
    first = first.str.replace(_FIRST_NUMBER, "").str.replace(_EXTENSION, "")
    return _digits(first.str.replace(r"(\d{7,})\s*-\s*\d{1,4}$", "$1"))


def _without(
    rows: pl.DataFrame, column: str, wrong: Mapping[str, pl.Series], table: str
) -> tuple[pl.DataFrame, list[Entry]]:
    entries, unusable = [], pl.repeat(False, rows.height, eager=True)
    for reason, found in wrong.items():
        fresh = found.fill_null(False) & ~unusable
        unusable |= fresh
        if fresh.any():
            first = str(rows.filter(fresh)[column].sort()[0])
            n = int(fresh.sum())
            text = say("panel.key-not-used", column=column_word(column), why=reason, n=n)
            entries.append(Entry("match", table, "note", text, n, first))
    return rows.with_columns(pl.when(~unusable).then(pl.col(column)).alias(column)), entries
