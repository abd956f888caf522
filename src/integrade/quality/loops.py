"""Compute exporters' quality from customs rows in compiled loops, one product after another.

The module imports numba, so it is loaded only for large tables. Rows are grouped by product. Within a product they are
sorted by destination, year, further keys and firm before any sum. Therefore sums do not depend on the order of rows,
the number of threads or the split of products among threads.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from integrade.engine.compiling import compiled, fixed, whole
from integrade.quality.standardise import EQUAL, HIGH, LOW

Array = Any
NONE, TRIM, MINMAX, ZSCORE, RANK = 0, 1, 2, 3, 4
OLS, DROP, OWN = 0, 1, 2
"""Codes for how sigma is estimated.

OLS: by least squares. DROP: with an instrument; rows without it are left out. OWN: with an instrument; in rows without
it, the row's own price is used instead.
"""
SUMS = 6  # columns by firm-year: value, weight x r, weight of rows with r, rows, products, the last product + 1
CROSS = 9  # columns by product: pp, pq, qq, pz, qz, zz, cells, rows used, rows without instrument
COUNTED = 6  # columns by product: rows without sigma, without residual, without r, clipped, value, value of rows with r
NO_R = 2
FEW = 48  # up to this number of rows, insertion sort is used, else radix sort; a convention that only affects speed


@compiled("i8(u8,u8,u8,i4[::1],u8[:,::1],i8)")
def _find(a: Array, b: Array, c: Array, slots: Array, keys: Array, count: int) -> int:
    """Return the code of a key of three words (``a``, ``b``, ``c``).

    A new key is stored in ``slots`` and ``keys`` and gets the code ``count``.
    """
    mask = len(slots) - 1
    h = (a * np.uint64(0x9E3779B97F4A7C15)) ^ (b * np.uint64(0xC2B2AE3D27D4EB4F)) ^ (c * np.uint64(0x165667B19E3779F9))
    h ^= h >> np.uint64(29)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(32)
    at = np.int64(h & np.uint64(mask))
    while True:
        code = slots[at]
        if code < 0:
            slots[at] = count
            keys[count, 0], keys[count, 1], keys[count, 2] = a, b, c
            return count
        if keys[code, 0] == a and keys[code, 1] == b and keys[code, 2] == c:
            return int(code)
        at = (at + 1) & mask


@compiled(
    (
        *(fixed("uint64", 2), fixed("uint8"), "int64", "int64"),
        *(whole("int32"), whole("uint64", 2), "int64", "int64", whole("int32"), whole("int64")),
    )
)
def code_texts(
    views: Array,
    valid: Array,
    offset: int,
    chunk: int,
    slots: Array,
    keys: Array,
    count: int,
    start: int,
    out: Array,
    first: Array,
) -> tuple[int, int]:
    """Write codes of texts to ``out`` until the hash table is half full; return the next row and number of codes.

    ``views`` are the 16-byte string views of Arrow. A view of a text of 12 bytes or less holds the text itself. A
    longer one holds a position within the ``chunk``, so one text may get several codes. Missing is the empty text.
    ``first``: the row where a new code first occurs.
    """
    before = count
    last_a, last_b, last = np.uint64(0), np.uint64(0), -1
    for i in range(start, len(views)):
        a, b, c = views[i, 0], views[i, 1], np.uint64(0)
        if len(valid):
            bit = offset + i
            if not (valid[bit >> 3] >> (bit & 7)) & 1:
                a, b = np.uint64(0), np.uint64(0)
        if last >= 0 and a == last_a and b == last_b:
            out[i] = last
            continue
        if (a & np.uint64(0xFFFFFFFF)) > np.uint64(12):
            c = np.uint64(chunk)
        if 2 * count >= len(slots):
            return i, count
        code = _find(a, b, c, slots, keys, count)
        if code == count:
            first[count - before] = i
            count += 1
        out[i] = code
        last_a, last_b, last = a, b, code
    return len(views), count


@compiled("UniTuple(i8,2)(i4[::1],i4[::1],i4[::1],u8[:,::1],i8,i8,i4[::1])")
def code_pairs(
    left: Array, right: Array, slots: Array, keys: Array, count: int, start: int, out: Array
) -> tuple[int, int]:
    """Write the code of each pair of left and right to ``out``, until the hash table ``slots`` is half full.

    Equal pairs have equal codes. Returns the next row and the number of codes.
    """
    for i in range(start, len(left)):
        if 2 * count >= len(slots):
            return i, count
        code = _find(np.uint64(left[i]), np.uint64(right[i]), np.uint64(0), slots, keys, count)
        if code == count:
            count += 1
        out[i] = code
    return len(left), count


@compiled("void(u8[:,::1],i8,i4[::1])")
def fill_slots(keys: Array, count: int, slots: Array) -> None:
    """Insert the known keys into a larger hash table."""
    slots[:] = -1
    for code in range(count):
        _find(keys[code, 0], keys[code, 1], keys[code, 2], slots, keys, code)


ROWS = "i4[::1],i2[::1],i4[::1],i4[::1],f8[::1],f8[::1]"  # destination, year, further keys, firm, value, quantity


@compiled(
    (
        *("int64", "int64", whole("int64"), *[fixed("int32")] * 3, fixed("int16")),
        *(*[fixed("int32")] * 2, *[fixed("float64")] * 2),
        *(whole("int32"), whole("int16"), *[whole("int32")] * 2, *[whole("float64")] * 2),
    )
)
def scatter(
    low: int,
    high: int,
    cursor: Array,
    product: Array,
    rank: Array,
    m: Array,
    year: Array,
    rest: Array,
    f: Array,
    v: Array,
    q: Array,
    to_m: Array,
    to_year: Array,
    to_rest: Array,
    to_f: Array,
    to_v: Array,
    to_q: Array,
) -> None:
    """Copy the rows of products ``low`` to ``high`` (exclusive) into the output arrays, grouped by product.

    ``cursor`` is the next free row of each product; it also advances for rows for which there is no room.
    """
    further = len(rest) > 0
    for i in range(len(product)):
        h = rank[product[i]]
        if h < low or h >= high:
            continue
        at = cursor[h]
        cursor[h] = at + 1
        if at >= len(to_m):
            continue
        to_m[at], to_year[at], to_f[at], to_v[at], to_q[at] = m[i], year[i], f[i], v[i], q[i]
        if further:
            to_rest[at] = rest[i]


@compiled("void(i8,i8[::1],i4[::1],i8[::1],i4[::1])")
def _sort(n: int, key: Array, order: Array, key_2: Array, order_2: Array) -> None:
    """Sort the first ``n`` keys of ``key`` and permute ``order`` in the same way; the sort is stable.

    Few keys are sorted by insertion, others by radix sort on bytes.
    """
    if n <= FEW:
        for i in range(1, n):
            k, o, j = key[i], order[i], i - 1
            while j >= 0 and key[j] > k:
                key[j + 1], order[j + 1] = key[j], order[j]
                j -= 1
            key[j + 1], order[j + 1] = k, o
        return
    differs = np.int64(0)
    for i in range(1, n):
        differs |= key[i] ^ key[0]
    counts = np.empty(256, np.int64)
    a, b, oa, ob, swapped = key, key_2, order, order_2, False
    shift = 0
    while (differs >> shift) != 0:
        if (differs >> shift) & 255:
            counts[:] = 0
            for i in range(n):
                counts[(a[i] >> shift) & 255] += 1
            total = 0
            for d in range(256):
                here = counts[d]
                counts[d] = total
                total += here
            for i in range(n):
                d = (a[i] >> shift) & 255
                to = counts[d]
                counts[d] = to + 1
                b[to], ob[to] = a[i], oa[i]
            a, b, oa, ob, swapped = b, a, ob, oa, not swapped
        shift += 8
    if swapped:
        for i in range(n):
            key[i], order[i] = key_2[i], order_2[i]


@compiled("i8(i8,i8[::1])")
def _longest(low: int, starts: Array) -> int:
    longest = 0
    for h in range(low, len(starts) - 1):
        longest = max(longest, starts[h + 1] - starts[h])
    return longest


@compiled(f"void(i8,i8,i8[::1],i4[::1],i4[::1],i4[::1],i8[::1],{ROWS},i8[::1])")
def arrange(
    low: int,
    high: int,
    starts: Array,
    rank_m: Array,
    rank_rest: Array,
    rank_f: Array,
    sizes: Array,
    m: Array,
    year: Array,
    rest: Array,
    f: Array,
    v: Array,
    q: Array,
    kept: Array,
) -> None:
    """Sort the rows of each product by key and sum rows with the same key; ``kept`` counts the rows left by product.

    The rows left are at the start of each product. ``m`` becomes destination x years + year. ``sizes``: number of
    years, the first year, number of levels of further keys, number of firms.
    """
    years, first_year, rests, firms = sizes[0], sizes[1], sizes[2], sizes[3]
    longest = _longest(low, starts[: high + 1])
    key, key_2 = np.empty(longest, np.int64), np.empty(longest, np.int64)
    order, order_2 = np.empty(longest, np.int32), np.empty(longest, np.int32)
    mt, fs, rs = np.empty(longest, np.int32), np.empty(longest, np.int32), np.empty(longest, np.int32)
    vs, qs = np.empty(longest), np.empty(longest)
    further = len(rest) > 0
    for h in range(low, high):
        s, n = starts[h], starts[h + 1] - starts[h]
        for i in range(n):
            mt[i] = rank_m[m[s + i]] * years + (year[s + i] - first_year)
            fs[i] = rank_f[f[s + i]]
            rs[i] = rank_rest[rest[s + i]] if further else 0
            vs[i], qs[i] = v[s + i], q[s + i]
            key[i] = (mt[i] * rests + rs[i]) * firms + fs[i]
            order[i] = i
        _sort(n, key, order, key_2, order_2)
        i, w = 0, s
        while i < n:
            j = i + 1
            while j < n and key[j] == key[i]:
                j += 1
            for a in range(i + 1, j):  # same key: sorted by value and quantity
                o, b = order[a], a - 1
                while b >= i and (vs[order[b]] > vs[o] or (vs[order[b]] == vs[o] and qs[order[b]] > qs[o])):
                    order[b + 1] = order[b]
                    b -= 1
                order[b + 1] = o
            o = order[i]
            m[w], f[w], v[w], q[w] = mt[o], fs[o], vs[o], qs[o]
            if further:
                rest[w] = rs[o]
            for a in range(i + 1, j):
                v[w] += vs[order[a]]
                q[w] += qs[order[a]]
            i, w = j, w + 1
        kept[h] = w - s


@compiled("void(i8[::1],i8[::1],i4[::1],i4[::1],i4[::1],f8[::1],f8[::1])")
def close_gaps(starts: Array, kept: Array, m: Array, rest: Array, f: Array, v: Array, q: Array) -> None:
    """Move the remaining rows so that no gaps are left; ``starts`` becomes the new first row of each product."""
    at = 0
    for h in range(len(kept)):
        s = starts[h]
        starts[h] = at
        for i in range(s, s + kept[h]):
            m[at], f[at], v[at], q[at] = m[i], f[i], v[i], q[i]
            if len(rest):
                rest[at] = rest[i]
            at += 1
    starts[len(kept)] = at


@compiled("f8(i8,i8,i4[::1],f8[::1],i8[::1],i4[::1],f8[::1])")
def _elsewhere(n: int, how: int, mt: Array, p: Array, key: Array, order: Array, z: Array) -> float:
    """Write each firm-year's mean log price over other destinations to ``z``; return how many rows have none."""
    lone, i = 0, 0
    while i < n:
        j, total = i, 0.0
        while j < n and key[j] == key[i]:
            total += p[order[j]]
            j += 1
        a = i
        while a < j:
            b, here = a, 0.0
            while b < j and mt[order[b]] == mt[order[a]]:
                here += p[order[b]]
                b += 1
            others = (j - i) - (b - a)
            for c in range(a, b):
                if others > 0:
                    z[order[c]] = (total - here) / others
                else:
                    lone += 1
                    z[order[c]] = p[order[c]] if how == OWN else np.nan
            a = b
        i = j
    return float(lone)


@compiled("void(i8,i4[::1],f8[::1],f8[::1],f8[::1],f8[::1])")
def _cross(n: int, mt: Array, p: Array, ln_q: Array, z: Array, out: Array) -> None:
    i = 0
    while i < n:
        j, used, mean_p, mean_q, mean_z = i, 0, 0.0, 0.0, 0.0
        while j < n and mt[j] == mt[i]:
            if not math.isnan(z[j]):
                used += 1
                mean_p += p[j]
                mean_q += ln_q[j]
                mean_z += z[j]
            j += 1
        if used:
            mean_p, mean_q, mean_z = mean_p / used, mean_q / used, mean_z / used
            out[6] += 1.0
            out[7] += used
        for k in range(i, j):
            if used > 1 and not math.isnan(z[k]):
                d_p, d_q, d_z = p[k] - mean_p, ln_q[k] - mean_q, z[k] - mean_z
                out[0] += d_p * d_p
                out[1] += d_p * d_q
                out[2] += d_q * d_q
                out[3] += d_p * d_z
                out[4] += d_q * d_z
                out[5] += d_z * d_z
        i = j


@compiled("void(i8,i8,i8,i8,i8[::1],i4[::1],i4[::1],f8[::1],f8[::1],f8[:,::1])")
def cross_products(
    low: int, high: int, how: int, years: int, starts: Array, mt: Array, who: Array, v: Array, q: Array, out: Array
) -> None:
    """Compute, by product, the sums of products of deviations from the means of destination-years (`CROSS`).

    The variables are log price p, log quantity q and the instrument z. ``who`` is the firm (or variety). The instrument
    is the mean log price of this firm in other destinations in the same year.
    """
    longest = _longest(low, starts[: high + 1])
    p, ln_q, z = np.empty(longest), np.empty(longest), np.empty(longest)
    key, key_2 = np.empty(longest, np.int64), np.empty(longest, np.int64)
    order, order_2 = np.empty(longest, np.int32), np.empty(longest, np.int32)
    for h in range(low, high):
        s, n = starts[h], starts[h + 1] - starts[h]
        for i in range(n):
            ln_q[i] = math.log(q[s + i])
            p[i] = math.log(v[s + i]) - ln_q[i]
        if how != OLS:
            for i in range(n):
                key[i] = np.int64(who[s + i]) * years + np.int64(np.uint32(mt[s + i]) % np.uint32(years))
                order[i] = i
            _sort(n, key, order, key_2, order_2)
            out[h, 8] = _elsewhere(n, how, mt[s : s + n], p, key, order, z)
        else:
            z[:n] = 0.0
        _cross(n, mt[s : s + n], p, ln_q, z, out[h])


@compiled("void(i8,i8,i8[::1],i4[::1],f8[::1],f8[::1],f8[::1],f8[::1])")
def within(low: int, high: int, starts: Array, mt: Array, v: Array, q: Array, sigma: Array, residual: Array) -> None:
    """Compute residuals from the mean of each product, destination and year.

    The dependent variable is ln quantity + sigma x ln price. The residual is missing for a row that is alone in its
    cell, or without sigma.
    """
    for h in range(low, high):
        e, i, end = sigma[h], starts[h], starts[h + 1]
        while i < end:
            j, total = i, 0.0
            while j < end and mt[j] == mt[i]:
                y = e * math.log(v[j]) - (e - 1) * math.log(q[j])
                residual[j] = y
                total += y
                j += 1
            mean = total / (j - i)
            for k in range(i, j):
                residual[k] = residual[k] - mean if j - i > 1 else np.nan
            i = j


@compiled("void(i8,i8,i8[::1],i4[::1],i8[::1])")
def count_cells(low: int, high: int, starts: Array, mt: Array, counts: Array) -> None:
    """Count the destination-years of each product."""
    for h in range(low, high):
        for i in range(starts[h], starts[h + 1]):
            counts[h] += i == starts[h] or mt[i] != mt[i - 1]


@compiled("void(i8,i8,i8[::1],i8[::1],i4[::1],f8[::1],f8[::1],i4[::1],i8[::1],f8[::1],f8[::1])")
def cells(
    low: int,
    high: int,
    starts: Array,
    cell_starts: Array,
    mt: Array,
    v: Array,
    q: Array,
    cell_mt: Array,
    n: Array,
    ln_v: Array,
    ln_q: Array,
) -> None:
    """Compute destination-year, number of rows, sum of ln value and sum of ln quantity of each cell of each product."""
    for h in range(low, high):
        c, i, end = cell_starts[h], starts[h], starts[h + 1]
        while i < end:
            j, total_v, total_q = i, 0.0, 0.0
            while j < end and mt[j] == mt[i]:
                total_v += math.log(v[j])
                total_q += math.log(q[j])
                j += 1
            cell_mt[c], n[c], ln_v[c], ln_q[c] = mt[i], j - i, total_v, total_q
            c, i = c + 1, j


@compiled("void(i8,i8,i8[::1],i8[::1],i8[::1],f8[::1],f8[::1],f8[::1],f8[::1],f8[::1])")
def beyond(
    low: int,
    high: int,
    starts: Array,
    cell_starts: Array,
    n: Array,
    fit: Array,
    v: Array,
    q: Array,
    sigma: Array,
    residual: Array,
) -> None:
    """Compute each row's residual from the fit of its cell; missing if the fit is missing."""
    for h in range(low, high):
        e, i = sigma[h], starts[h]
        for c in range(cell_starts[h], cell_starts[h + 1]):
            for j in range(i, i + n[c]):
                y = e * math.log(v[j]) - (e - 1) * math.log(q[j])
                residual[j] = y - fit[c]
            i += n[c]


@compiled("f8(i8,f8[::1],f8)")
def _quantile(n: int, x: Array, share: float) -> float:
    """Return a quantile, interpolated linearly between order statistics; ``x`` is reordered."""
    at = share * (n - 1)
    k = int(at)
    left, right = 0, n - 1
    while left < right:
        pivot = x[(left + right) >> 1]
        i, j = left, right
        while i <= j:
            while x[i] < pivot:
                i += 1
            while x[j] > pivot:
                j -= 1
            if i <= j:
                x[i], x[j] = x[j], x[i]
                i += 1
                j -= 1
        if k <= j:
            right = j
        elif k >= i:
            left = i
        else:
            break
    if k + 1 >= n:
        return float(x[k])
    above = x[k + 1]
    for i in range(k + 2, n):
        above = min(above, x[i])
    return float(x[k] + (above - x[k]) * (at - k))


@compiled("UniTuple(f8,2)(i8,f8[::1],i8)")
def _scale(n: int, x: Array, how: int) -> tuple[float, float]:
    """Return a and b of the standardisation r = (x - a) / b; b is missing if all values are equal."""
    low, high = np.inf, -np.inf
    for i in range(n):
        low, high = min(low, x[i]), max(high, x[i])
    a, b = low, high - low
    if not b > EQUAL:
        return a, np.nan
    if how == TRIM:
        a = _quantile(n, x, LOW)
        b = _quantile(n, x, HIGH) - a
    elif how == ZSCORE:
        total = 0.0
        for i in range(n):
            total += x[i]
        a, total = total / n, 0.0
        for i in range(n):
            total += (x[i] - a) * (x[i] - a)
        b = math.sqrt(total / (n - 1))
    return a, b if b > EQUAL else np.nan


@compiled("void(i8,f8[::1])")
def _ranked(n: int, x: Array) -> None:
    """Replace each value by (rank - 1) / (n - 1), with the average rank of values that are equal at nine decimals."""
    y = np.empty(n)
    for i in range(n):
        y[i] = np.rint(x[i] * 1e9)
    order = np.argsort(y)
    i = 0
    while i < n:
        j = i
        while j < n and y[order[j]] == y[order[i]]:
            j += 1
        for k in range(i, j):
            x[order[k]] = (i + j - 1) / 2.0 / (n - 1.0)
        i = j


@compiled("i8(f8[::1],i4[::1],f8,i8,f8[::1],i8[::1],i8[::1])")
def _by_pool(residual: Array, mt: Array, by: float, years: int, x: Array, ends: Array, cursor: Array) -> int:
    """Write quality of the rows of a product to ``x``, one pool after another; return how many rows have it.

    ``ends`` (years + 1): where each pool begins, and the end of the last. The rows of a pool keep their order.
    """
    ends[:] = 0
    for i in range(len(residual)):
        if not math.isnan(residual[i]):
            ends[mt[i] % years + 1] += 1
    for t in range(years):
        ends[t + 1] += ends[t]
        cursor[t] = ends[t]
    for i in range(len(residual)):
        if not math.isnan(residual[i]):
            t = mt[i] % years
            x[cursor[t]] = residual[i] / by
            cursor[t] += 1
    return int(ends[years])


@compiled("void(i8,i8,i8,i8,f8,i8[::1],i4[::1],f8[::1],f8[::1],f8[::1],f8[::1],u1[::1],f8[:,::1])")
def standardised(
    low: int,
    high: int,
    how: int,
    years: int,
    alike: float,
    starts: Array,
    mt: Array,
    v: Array,
    sigma: Array,
    residual: Array,
    r: Array,
    clipped: Array,
    counted: Array,
) -> None:
    """Compute r of each row from its residual, within its pool, and count missing and clipped rows (`COUNTED`).

    A pool is a product; with ``years`` > 1, it is a product in one of so many years. ``r`` may be ``residual`` itself.
    ``alike``: r of a pool whose values are all equal. ``clipped`` may be empty.
    """
    x = np.empty(_longest(low, starts[: high + 1]))
    ends, cursor = np.empty(years + 1, dtype=np.int64), np.empty(years, dtype=np.int64)
    a, b = np.zeros(years), np.ones(years)
    for h in range(low, high):
        s, end = starts[h], starts[h + 1]
        by, without = sigma[h] - 1, 4 if math.isnan(sigma[h]) else 5
        n = _by_pool(residual[s:end], mt[s:end], by, years, x, ends, cursor)
        for t in range(years):
            first, size = ends[t], ends[t + 1] - ends[t]
            if how != NONE and size:
                a[t], b[t] = _scale(size, x[first:], how)
                if how == RANK and not math.isnan(b[t]):
                    _ranked(size, x[first:])
            cursor[t] = first
        out = counted[h]
        out[0 if without == 4 else 1] = end - s - n
        for i in range(s, end):
            out[4] += v[i]
            if math.isnan(residual[i]):
                r[i] = np.nan
                out[2] += 1
                continue
            t = mt[i] % years
            here = residual[i] / by
            value = (here - a[t]) / b[t] if how != NONE else here
            if how == TRIM and (here < a[t] - EQUAL or here > a[t] + b[t] + EQUAL):
                out[3] += 1
                if len(clipped):
                    clipped[i] = 1
            if how in (TRIM, MINMAX):
                value = 0.0 if value < 0 else (1.0 if value > 1 else value)
            if how == RANK:
                value = x[cursor[t]]
                cursor[t] += 1
            if math.isnan(b[t]):
                value = alike
            r[i] = value
            if math.isnan(value):
                out[2] += 1
            else:
                out[5] += v[i]


@compiled("void(i8,i8,i8,b1,i8[::1],i4[::1],i4[::1],f8[::1],f8[::1],f8[:,::1])")
def firm_years(
    low: int, high: int, years: int, by_value: bool, starts: Array, mt: Array, f: Array, v: Array, r: Array, out: Array
) -> None:
    """Add the rows of firms ``low`` to ``high`` (exclusive) to the sums of their firm-years (`SUMS`)."""
    for h in range(len(starts) - 1):
        for i in range(starts[h], starts[h + 1]):
            if f[i] < low or f[i] >= high:
                continue
            to = out[np.int64(f[i]) * years + np.int64(np.uint32(mt[i]) % np.uint32(years))]
            to[0] += v[i]
            to[3] += 1.0
            if to[5] != h + 1:
                to[4] += 1.0
                to[5] = h + 1
            if not math.isnan(r[i]):
                weight = v[i] if by_value else 1.0
                to[1] += weight * r[i]
                to[2] += weight


@compiled("void(i4[::1],i8[::1],i8[::1])")
def by_code(code: Array, cursor: Array, order: Array) -> None:
    """Write to ``order`` the order of rows sorted by code; rows with the same code keep their present order.

    ``cursor``: the index in ``order`` of the next row of each code.
    """
    for i in range(len(code)):
        order[cursor[code[i]]] = i
        cursor[code[i]] += 1
