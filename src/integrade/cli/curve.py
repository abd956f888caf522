"""Define ``integrade curve``: every combination of a study's declared choices, with joint inference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from integrade.cli import say
from integrade.engine.engines import Engine

if TYPE_CHECKING:
    from integrade.subjects.curve.records import SpecificationCurve


@Parameter(name="*")
@dataclass(frozen=True)
class Size:
    """Numbers of draws; by default the numbers in the study file.

    Parameters
    ----------
    permutations
        Random permutations of the treatment histories across regions, 0 for none.
    draws
        Null-imposed wild draws by cluster, 0 for none.
    most
        Largest number of specifications; more are sampled at random.
    """

    permutations: int | None = None
    draws: int | None = None
    most: int | None = None


def curve(
    study: Path = Path(),
    /,
    *,
    size: Annotated[Size | None, Parameter(name="*")] = None,
    out: Path | None = None,
    engine: Engine = "auto",
    plugins: bool = False,
    json: bool = False,
) -> None:
    """Estimate the specification curve: all combinations of declared indices, qualities, controls, effects and samples.

    Parameters
    ----------
    study
        The study file or its folder; its section [curve] lists the choices that are combined.
    out
        A folder for curve.html, curve.csv and curve.json; STUDY/curve by default.
    engine
        Engine that processes the rows.
    plugins
        Run the .py files that study.toml names as its plugins: their code may do anything that you may do.
    json
        Print one JSON object.
    """
    import json as json_text

    from integrade.study.curve import curve_study
    from integrade.study.records import to_json

    say.plugins(study, allowed=plugins)
    changes = {k: v for k, v in vars(size or Size()).items() if v is not None}
    declared, result = curve_study(study, engine=engine, tell=say.note, **changes)
    folder = out or (study if study.is_dir() else study.parent) / "curve"
    _write(result, declared.title, folder)
    if json:
        say.as_json(json_text.loads(to_json(result)))
        return
    say.line(result)
    say.note(f"written to {folder / 'curve.html'}, curve.csv and curve.json")


def _write(result: SpecificationCurve, title: str, folder: Path) -> None:
    import polars as pl

    from integrade.report.whole_file import write_bytes
    from integrade.sources import write_table
    from integrade.study.records import to_json
    from integrade.subjects.curve.page import curve_page

    rows = [
        {
            **s.choices,
            "nobs": s.nobs,
            "b1": s.b1,
            "b2": s.b2,
            **{
                f"{t}_{k}": getattr(getattr(s, t), k)
                for t in ("slope_p10", "slope_p90", "turning_point")
                for k in ("estimate", "std_error", "p_value")
            },
            "u_test_p": s.u_test_p,
            "verdict": s.verdict,
        }
        for s in result.specifications
    ]
    folder.mkdir(parents=True, exist_ok=True)
    write_table(pl.DataFrame(rows, infer_schema_length=None), str(folder / "curve.csv"))
    write_bytes(folder / "curve.json", to_json(result).encode())
    write_bytes(folder / "curve.html", curve_page(result, title).encode())
