"""Presets: what a file says, what its preset says, and values by preset; ``published`` is the paper's equation (3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from integrade.errors import IntegradeError
from integrade.quality import demand_residual
from integrade.study.config import with_preset
from integrade.study.reading import load
from integrade.study.run import check_study
from integrade.study.template import write_new

OF_SOUND = {"sigma": 5, "effects": "product+destination:year"}
OF_THE_PAPER = {"sigma": "ols", "effects": "product:destination:year", "standardise": "minmax"}


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "study"
    write_new(folder)
    return folder


def switched(new: Path, *more: tuple[str, str]) -> Path:
    """The study that ``new`` wrote, its preset line changed and nothing else (but for what is said)."""
    text = (new / "study.toml").read_text(encoding="utf-8")
    for before, after in (('\npreset = "sound"', '\npreset = "published"'), *more):
        assert text.count(before) == 1
        text = text.replace(before, after)
    (new / "other.toml").write_text(text, encoding="utf-8")
    return new / "other.toml"


def test_the_preset_line_alone_makes_a_new_study_the_papers(new: Path) -> None:
    sound, published = load(new), load(switched(new))
    assert (sound.winsor.columns, sound.quality) == (["roa", "rdebt", "fic", "invint"], OF_SOUND)
    assert (published.winsor.columns, published.winsor.cuts) == (["quality"], (1.0, 99.0))
    assert published.quality == OF_THE_PAPER
    assert (published.regression.vcov, published.regression.ssc, published.regression.singletons) == (
        "iid",
        "xtreg",
        "keep",
    )
    assert check_study(switched(new))[0] == ()


def test_what_is_cut_is_the_outcome_of_the_study(new: Path) -> None:
    file = switched(new, ('\noutcome = "quality"', '\noutcome = "value"'))
    assert load(file).winsor.columns == ["value"]


def test_a_key_of_the_file_wins_under_both_presets(new: Path) -> None:
    own = (
        ("sigma = { sound = 5 }", "sigma = 7"),
        ('columns = { sound = ["roa", "rdebt", "fic", "invint"] }', "columns = []"),
    )
    found = load(switched(new, *own))
    assert (found.quality["sigma"], found.quality["effects"], found.winsor.columns) == (7, OF_THE_PAPER["effects"], [])


@pytest.mark.parametrize(
    ("quality", "sound", "published"),
    [
        ({"sigma": {"sound": 5, "published": "iv"}}, {"sigma": 5}, OF_THE_PAPER | {"sigma": "iv"}),
        ({"sigma": {"published": 4}}, {}, OF_THE_PAPER | {"sigma": 4}),
        ({"sigma": {"01": 4.0}}, {"sigma": {"01": 4.0}}, OF_THE_PAPER | {"sigma": {"01": 4.0}}),
        ({"method": "unit_value"}, {"method": "unit_value"}, {"method": "unit_value", "standardise": "minmax"}),
    ],
)
def test_values_by_preset(quality: dict[str, Any], sound: dict[str, Any], published: dict[str, Any]) -> None:
    assert with_preset({"quality": quality})["quality"] == sound
    assert with_preset({"preset": "published", "quality": quality})["quality"] == published


def test_no_value_for_the_preset_is_no_value(new: Path) -> None:
    text = (new / "study.toml").read_text(encoding="utf-8").replace("{ sound = 5 }", '{ published = "ols" }')
    (new / "other.toml").write_text(text, encoding="utf-8")
    with pytest.raises(IntegradeError, match="sigma"):
        load(new / "other.toml")


def market(seed: int, *, noise: float = 0.0) -> pl.DataFrame:
    """Two products with elasticities of 3 and 6: ln q = chi_mt - sigma ln p + (sigma - 1) ln lambda, p set apart."""
    rng = np.random.default_rng(seed)
    rows = []
    for product, sigma in (("610910", 3.0), ("850440", 6.0)):
        for destination in ("USA", "JPN", "DEU"):
            for year in (2004, 2005):
                chi = rng.normal(8, 1)
                for firm in range(12):
                    ln_lambda, ln_p = rng.normal(0, 0.4), rng.normal(2, 0.6)
                    ln_q = chi - sigma * ln_p + (sigma - 1) * ln_lambda + noise * rng.normal()
                    rows.append(
                        (f"f{firm:02}", product, destination, year, np.exp(ln_p + ln_q), np.exp(ln_q), ln_lambda)
                    )
    names = ["firm", "product", "destination", "year", "value", "quantity", "ln_lambda"]
    return pl.DataFrame(rows, schema=names, orient="row")


def twin(customs: pl.DataFrame) -> pl.DataFrame:
    """The paper's equations (3) to (6), one product after another, with a column for every dummy."""
    parts = []
    for _, rows in customs.group_by("product", maintain_order=True):
        cells = rows["destination"] + rows["year"].cast(pl.String)
        dummies = np.array([[float(c == level) for level in sorted(set(cells))] for c in cells])
        ln_q, ln_p = rows["quantity"].log().to_numpy(), (rows["value"] / rows["quantity"]).log().to_numpy()
        x = np.column_stack([ln_p, dummies])
        b = np.linalg.lstsq(x, ln_q, rcond=None)[0]
        quality = (ln_q - x @ b) / (-b[0] - 1)
        r = (quality - quality.min()) / (quality.max() - quality.min())
        parts.append(rows.with_columns(r=pl.Series(r), own=pl.Series(quality)))
    rows = pl.concat(parts)
    mean = (pl.col("value") * pl.col("r")).sum() / pl.col("value").sum()
    return rows.group_by("firm", "year").agg(quality=mean).sort("firm", "year")


def test_published_quality_is_the_papers_equations_3_to_6() -> None:
    customs = market(1, noise=0.5)
    found = demand_residual(customs, **with_preset({"preset": "published"})["quality"])
    assert found["quality"].to_list() == pytest.approx(twin(customs)["quality"].to_list(), abs=1e-12)
    pooled = demand_residual(customs, sigma=5, standardise="minmax")
    assert np.abs(found["quality"].to_numpy() - pooled["quality"].to_numpy()).max() > 0.1


def test_published_quality_finds_the_truth_where_prices_do_not_answer_quality() -> None:
    """Elasticities differ by product: estimated ones find the truth that an imposed one misses."""
    customs = market(2)
    given = {**with_preset({"preset": "published"})["quality"], "level": "row"}
    truth = customs.select("firm", "product", "destination", "year", "ln_lambda")

    def agreement(**options: Any) -> float:
        rows = demand_residual(customs.drop("ln_lambda"), **options).join(truth, on=truth.columns[:4])
        return min(np.corrcoef(r["ln_quality"], r["ln_lambda"])[0, 1] for _, r in rows.group_by("product"))

    sigma = demand_residual(customs, **given).group_by("product").agg(pl.col("sigma").first()).sort("product")
    assert sigma["sigma"].to_list() == pytest.approx([3, 6], abs=0.5)
    assert agreement(**given) > 0.9 > agreement(sigma=5, standardise="minmax", level="row")


MONTHLY = """title = "t"
[prices]
files = ["prices.csv"]
to_year = true
[integration]
method = "relative_price"
"""


def monthly(folder: Path, text: str) -> Path:
    """A study of one year and a half of monthly prices, which do not tell their basis."""
    cells = [
        (r, 2006 + t // 12, t % 12 + 1, g, 100 + (7 * i + 3 * j + 5 * t) % 11)
        for i, r in enumerate(("Beijing", "Tianjin", "Hebei", "Shanxi"))
        for j, g in enumerate("abcde")
        for t in range(18)
    ]
    schema = ["region", "year", "month", "commodity", "index"]
    pl.DataFrame(cells, schema=schema, orient="row").write_csv(folder / "prices.csv")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_basis_under_integration_counts_when_prices_are_read(tmp_path: Path) -> None:
    assert [p.code for p in check_study(monthly(tmp_path, MONTHLY))[0]] == ["D230"]
    said = monthly(tmp_path, MONTHLY + 'basis = "fixed"\n')
    assert load(said).prices.basis == "fixed"  # type: ignore[union-attr]
    assert check_study(said)[0] == ()


def test_two_sections_that_say_another_basis_are_refused(tmp_path: Path) -> None:
    file = monthly(tmp_path, MONTHLY.replace("[integration]", 'basis = "fixed"\n[integration]') + 'basis = "link"\n')
    with pytest.raises(
        IntegradeError, match=r"study.toml:8 .integration. basis: .* given twice: fixed in .prices., link"
    ):
        load(file)
