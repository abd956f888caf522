"""An audit made by hand of the study of `report_example`: elasticity, standard errors and sample, one not possible."""

from __future__ import annotations

from dataclasses import replace

import report_example as example
from integrade.estimate.inverted_u import parabola, u_test
from integrade.subjects.audit.switches import Audit, Drawn, Headline, Switch


def audit() -> Audit:
    fit = example.study().benchmark[-1].headline
    test = u_test(fit, "market")
    own = tuple(parabola(fit, "market"))
    assert test.fieller_low is not None
    assert test.fieller_high is not None
    drawn = Drawn(own, (4.0, 4.4, -0.0022, -0.0031, -0.0013), (test.fieller_low, test.fieller_high))
    slopes = ((0.03, 0.01, 0.05), (-0.02, -0.04, -0.01))
    base = Headline(
        fit.nobs,
        fit["market"].estimate,
        fit["market^2"].estimate,
        test.turning_point,
        f"interval {test.fieller_low:.4g} {test.fieller_high:.4g}",
        test.p_value,
        *slopes,
        test.share_past,
        "CR3 by region",
        drawn=drawn,
    )
    low, high, centre, b1, b2, *wide = own
    narrow = replace(drawn, curve=(low, high, centre, b1, b2, *(w / 9 for w in wide)))
    other = Drawn((low, high, centre, 2 * b1, 2 * b2, *wide), (4.0, 4.4, -0.0123, -0.02, -0.001), (3.8, 4.0))
    moved = replace(base, nobs=545_000, b1=2 * b1, b2=2 * b2, turning_point=3.9, drawn=other)
    early = replace(base, nobs=200_000, drawn=replace(drawn, fieller=(), between=False))
    return Audit(
        "A study",
        "market",
        "quality",
        fit.formula,
        base,
        (
            Switch("quality.sigma", "5", "3", "", moved),
            Switch("quality.sigma", "5", "iv", "", None, "no instrument for bread"),
            Switch("regression.vcov", "CR3", "iid", "", replace(base, kind="iid", drawn=narrow)),
            Switch("sample", "all rows", "years to 2007", "", early),
        ),
    )
