"""Define the options of the demand-residual measure, once for Python, the command line and study files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from integrade.quality.effects import parse_effects
from integrade.quality.scale import Scale
from integrade.quality.sigma import elasticity, names_a_file
from integrade.records.catalogue import SHARED
from integrade.records.needs import File, Test

REMEDY = {"remedy": "give --sigma 5, or --sigma FILE with product and sigma"}


def _effects(text: str) -> None:
    if text != "auto":
        parse_effects(text)


def _no_file(text: str) -> bool:
    return not names_a_file(text)


@dataclass(frozen=True)
class DemandResidual:
    """Options of export quality from the residual of demand (METHODS 3.2, 3.3).

    Parameters
    ----------
    sigma
        Elasticity of substitution, above 1.05: a number, or a file, frame or mapping of (product, sigma) with product
        at any HS level; or the name of an estimator for these records: ols or iv (product by product), feenstra,
        broda_weinstein or soderbery. No default, because quality depends on it.
    effects
        Fixed effects of the demand equation over product (HS code x unit), destination and year: one or two terms
        joined by +. A term is columns joined by a colon, such as product:destination:year or product:year. auto:
        product:destination:year if sigma is estimated by ols or iv, else product+destination:year.
    no_instrument
        Under iv, treatment of a row whose firm ships the product nowhere else in that year. drop: leave it out of the
        estimation of sigma (it keeps its quality); region: use the price of other firms of its region in that product,
        destination and year; ols: use its own price.
    fallback_sigma
        Sigma of products whose estimate is refused (at or below 1.05, first-stage F below 10, not estimable): a number
        or a file of (product, sigma). Without it such products have no quality.
    sigma_cap
        Largest sigma; larger values are reduced to it. Without it, values above 20 are only counted.
    gdp
        Size of the home market, as a control for variety: a file or frame of (region, year, gdp or real_gdp).
        Needs firm_region.
    firm_region
        The regions of firms: a file or frame of (firm, region), or of (firm, year, region).
    scale
        Standardisation, level and weights: a `Scale`; its options may also be given by name.
    """

    sigma: Annotated[Any, Test(elasticity), File(like=_no_file)] = field(metadata=REMEDY)
    effects: Annotated[str, Test(_effects)] = "auto"
    scale: Scale = field(default=Scale(), metadata=SHARED)
    no_instrument: Literal["drop", "region", "ols"] = "drop"
    fallback_sigma: Annotated[Any, Test(elasticity), File(like=_no_file)] = None
    sigma_cap: float | None = None
    gdp: Annotated[Any, File()] = None
    firm_region: Annotated[Any, File()] = None
