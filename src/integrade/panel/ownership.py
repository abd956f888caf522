"""Classify the ownership of firms from registration codes and paid-in capital."""

from __future__ import annotations

import narwhals as nw

from integrade.engine.frames import Data, collect, give_back
from integrade.errors import MissingColumn, did_you_mean
from integrade.records.schema import conform
from plainwords.account import Account, Entry
from plainwords.texts import listed, say

STATE = ("110", "141", "143", "151")
"""Registration codes of state-owned firms, for state-owned, joint state, joint state-collective and wholly state-owned.
"""


def ownership_classes(firms: Data) -> Data:
    """Add ``soe``, ``hmt`` and ``foreign``, 1 or 0, from registration codes and shares of paid-in capital.

    Formula: soe = registration code 110, 141, 143 or 151, or state_capital / paid_in_capital > 0.5; hmt = code 2xx
        (Hong Kong, Macao, Taiwan); foreign = code 3xx.

    Missing values: soe is missing if neither the code nor the state's share is known; hmt and foreign are missing if
        the code is missing.

    Args:
        firms: firm accounts with ``ownership`` (three-digit registration codes), ``state_capital`` and
            ``paid_in_capital``, as far as available.

    Returns: the table with the three columns, one row per firm and year; the account gives the number of firm-years in
        each class.

    Raises: `MissingColumn` if there is neither ownership nor the two columns of capital.

    Example:
        >>> ownership_classes(firms)  # doctest: +SKIP
    """
    conformed = conform(firms, "firms")
    has_code = "ownership" in conformed.columns
    has_share = {"state_capital", "paid_in_capital"} <= set(conformed.columns)
    if not has_code and not has_share:
        raise MissingColumn(
            "firms has neither ownership nor state_capital and paid_in_capital",
            remedy="map one; " + did_you_mean("ownership", conformed.columns),
        )
    code = nw.col("ownership").str.strip_chars() if has_code else nw.lit(None, dtype=nw.String)
    paid = nw.col("paid_in_capital")
    share = nw.when(paid > 0).then(nw.col("state_capital") / paid) if has_share else nw.lit(None, dtype=nw.Float64)
    by_code, by_share = code.is_in(list(STATE)), share > 0.5
    known = ~code.is_null() | ~share.is_null()
    state = by_code.fill_null(False) | by_share.fill_null(False)
    dummies = {
        "soe": nw.when(known).then(state.cast(nw.Int64)),
        "hmt": nw.when(~code.is_null()).then(code.str.starts_with("2").cast(nw.Int64)),
        "foreign": nw.when(~code.is_null()).then(code.str.starts_with("3").cast(nw.Int64)),
    }
    frame = conformed.frame.with_columns(**dummies)
    counts = collect(frame.select(*[nw.col(n).sum().alias(n) for n in dummies], rows=nw.len())).row(0, named=True)
    classes = listed([f"{n} {counts[n] or 0:,}" for n in dummies], "comma")
    text = say("panel.ownership-classes", n=int(counts["rows"]), classes=classes)
    note = Entry("controls", "firms", "note", text, 0)
    return give_back(frame, firms, name="firms", account=conformed.account + Account((note,)), conformed="firms")
