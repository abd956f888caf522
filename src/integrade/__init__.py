"""Measure market integration and export quality, from raw files to a study that others can check.

This is the public interface. Names are imported when first used, so ``import integrade`` is fast::

    import integrade as ig

    index = ig.relative_price(ig.read_prices("yearbook/*.xlsx"), se="jackknife")
    quality = ig.demand_residual(ig.read_customs("customs/*.parquet"), sigma=5)
    panel = ig.assemble(ig.read_firms("firms.dta"), integration=index, quality=quality)
    base = ig.fit(panel, "quality ~ market + market^2 + scale | firm + year", cluster="region", vcov="CR3")
    print(ig.u_test(base, "market"))

The functions of a typical study are directly in ``ig``; all others are grouped by subject: ``ig.integration.krugman``,
``ig.questions.oster``, ``ig.plot.coefficients``. Options, results and errors are ``ig.options.Fit``,
``ig.results.FitResult`` and ``ig.errors.UsageError``. ``dir(ig)`` lists them.
"""

from __future__ import annotations

import importlib.util
from typing import Any

from integrade import surface as _surface
from integrade.records import cautions as _cautions
from integrade.records import drawing as _drawing
from integrade.surface import former as _former
from plainwords.texts import add_catalogues as _add_catalogues

__version__ = "0.2.0"
__all__ = _surface.names(_surface.FLAT)
_add_catalogues("integrade.wording")
_add_catalogues("integrade.subjects", of_folders=True)
_former.find_former_modules()
_drawing.drawn_by(lambda: importlib.import_module("integrade.plot"))
_cautions.spoken_by(lambda: importlib.import_module("integrade.verdicts.clustering"))


def __getattr__(name: str) -> Any:
    value = _surface.namespace(name) if name in _surface.NAMESPACES else _flat(name)
    globals()[name] = value
    return value


def _flat(name: str) -> Any:
    value = _surface.found(_surface.FLAT, name)
    value = _surface.found(_surface.FORMER, name) if value is None else value
    return _measure(name) if value is None else value


def _measure(name: str) -> Any:
    """Return a measure of the catalogue by its name; all measures of the catalogue are public."""
    if not name.startswith("_") and importlib.util.find_spec(f"integrade.{name}") is None:  # not a package
        record = _surface.measures().get(name)
        if record:
            return record.function
    raise AttributeError(f"module 'integrade' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_surface.NAMESPACES, "__version__"])
