"""Means and standard deviations of whole numbers against all samples that there are."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator
from functools import cache

import pytest

from tablecheck.checks.granular import check_granularity
from tablecheck.digits import Printed, tokens


def printed(text: str) -> Printed:
    return tokens(text)[0].values[0]


def is_doubted(mean: str, sd: str, n: int) -> bool:
    row = {"n": str(n), "mean": mean, "sd": sd, "min": "1", "median": "3", "max": "5"}
    return bool(list(check_granularity("Table 1", "score", {key: printed(text) for key, text in row.items()})))


@cache
def possible(n: int) -> frozenset[tuple[str, str]]:
    """Every printed mean and standard deviation of n whole numbers from 1 to 5, with the divisor n - 1."""
    samples = itertools.combinations_with_replacement(range(1, 6), n)
    return frozenset((f"{statistics.mean(s):.2f}", f"{statistics.stdev(s):.2f}") for s in samples)


def tried() -> Iterator[tuple[str, str]]:
    """A grid of printed means and standard deviations."""
    for mean, sd in itertools.product(range(100, 501, 7), range(10, 220, 9)):
        yield f"{mean / 100:.2f}", f"{sd / 100:.2f}"


@pytest.mark.parametrize("n", [4, 7, 9])
def test_no_possible_sample_is_doubted(n: int) -> None:
    assert not [pair for pair in possible(n) if is_doubted(*pair, n)]


@pytest.mark.parametrize("n", [4, 7])
def test_most_impossible_samples_are_doubted(n: int) -> None:
    impossible = [pair for pair in tried() if pair not in possible(n)]
    doubted = [pair for pair in impossible if is_doubted(*pair, n)]
    # The range of the values and the divisor n allow some pairs that no sample from 1 to 5 has.
    assert len(doubted) > 0.9 * len(impossible)


def test_a_variable_with_decimals_is_not_taken_for_whole_numbers() -> None:
    row = {"n": "7", "mean": "3.33", "sd": "0.50", "min": "1.0", "median": "3.2", "max": "5.0"}
    assert not list(check_granularity("Table 1", "score", {key: printed(text) for key, text in row.items()}))
