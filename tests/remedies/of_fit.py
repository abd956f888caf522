"""Remedies of models/fit and models/curve."""

from __future__ import annotations

from typing import Any

import polars as pl

import integrade as ig
from integrade.estimate.contrasts import joint_test
from integrade.estimate.hausman import hausman
from integrade.estimate.linear import estimate, prepare
from integrade.subjects.curve.model import specification_curve
from remedies.frame import Call, Cases, Follow, done, given, meant, written
from remedies.tables import PANEL, F

CASES = Cases()
refused = CASES.refused
P = PANEL
FORM = "y ~ x + x^2 | firm + year"


def formula(says: str, *texts: str) -> Follow:
    """What a remedy says in prose, done by other formulas."""
    return done(says, lambda call: [call.with_args(call.args[0], text, *call.args[2:]) for text in texts])


def rows(says: str, *frames: Any) -> Follow:
    """What a remedy says in prose, done by other rows."""
    return done(says, lambda call: [call.with_args(frame, *call.args[1:]) for frame in frames])


def quoted(call: Call, text: str) -> Call:
    """The formula that the remedy prints."""
    return call.with_args(call.args[0], text, *call.args[2:])


# options of a fit
refused("covariance without clusters", "U100", ig.fit, P, F, vcov="CR1")
refused("covariance beside clusters", "U100", ig.fit, P, F, vcov="HC1", cluster="region")
refused("wild without clusters", "U100", ig.fit, P, F, wild=9)
refused("wild with a point", "U100", ig.fit, P, F, wild=9.0, cluster="region")
refused("wild negative", "U100", ig.fit, P, F, wild=-9, cluster="region")
refused("CR3 of two clusters", "U100", ig.fit, P, F, vcov="CR3", cluster="region+year")
refused("satterthwaite without clusters", "U100", ig.fit, P, F, df="satterthwaite")
refused("no cluster named", "U100", ig.fit, P, F, cluster=3)
refused(
    "one cluster",
    "D206",
    ig.fit,
    P.with_columns(one=pl.lit("a")),
    F,
    cluster="one",
    then=done("two values", lambda call: call.with_options(cluster="region")),
)


def linear(panel: Any, **options: Any) -> Any:
    """The estimate of a design."""
    return estimate(prepare(panel, F), **options)


refused("a linear model is needed", "U100", linear, P, model="ppml")
refused("wild of liml", "U100", ig.fit, P, "y ~ 1 | firm | x ~ z", wild=9, cluster="region", estimator="liml")
refused("gmm without instruments", "U100", ig.fit, P, F, estimator="gmm")
refused("gmm without instruments, with them", "U100", ig.fit, P, F, estimator="gmm", then=written(quoted))
TWO = P.with_columns(two=pl.col("year") > 2002, z3=pl.col("z") ** 2)
refused("gmm of few clusters", "D206", ig.fit, TWO, "y ~ z2 + w | firm | x ~ z", estimator="gmm", cluster="two")
refused(
    "more instruments than clusters",
    "D206",
    ig.fit,
    TWO,
    "y ~ z2 | firm | x ~ z + z3",
    cluster="two",
    then=done(
        "fewer instruments than clusters, or cluster by a column with more levels",
        lambda c: [c.with_args(TWO, "y ~ z2 | firm | x ~ z"), c.with_options(cluster="region")],
    ),
)
SHORT = P.head(8)
refused(
    "more parameters than rows",
    "D206",
    ig.fit,
    SHORT,
    "y ~ x + z + z2 + w + m + w:x + z:x | firm",
    then=done(
        "fewer effects or regressors, or more rows",
        lambda c: [c.with_args(SHORT, "y ~ x | firm"), c.with_args(P, c.args[1])],
    ),
)

# rows and columns
refused("column unknown", "U103", ig.fit, P, "y ~ xx | firm", then=meant("xx"))
refused("column unknown to many", "U103", ig.fit_many, P, ["y ~ xx | firm", "y ~ z | firm"], then=meant("xx"))
refused(
    "column unknown to groups",
    "U103",
    ig.compare_groups,
    P,
    "y ~ zz | firm",
    "kind",
    treatment="zz",
    cluster="region",
    permutations=9,
    then=meant("zz"),
)
refused("cluster unknown", "U103", ig.fit, P, F, cluster="regoin", then=meant("regoin"))


def later_cluster(panel: Any, name: str, **also: Any) -> Any:
    """A cluster of a design that was not asked for at first."""
    return prepare(panel, F, **also).cluster(name)


refused(
    "cluster not kept",
    "U103",
    later_cluster,
    P,
    "industri",
    then=done("also=", lambda c: c.spelt("industri", "industry").with_options(also=("industry",))),
)
HOLES = P.with_columns(region=pl.when(pl.col("year") > 2000).then("region"))
refused(
    "cluster missing",
    "U100",
    later_cluster,
    HOLES,
    "region",
    then=rows("fill or drop", HOLES.drop_nulls(), HOLES.with_columns(pl.col("region").fill_null("none"))),
)
refused("panel empty", "D205", ig.fit, P.clear(), F, then=rows("check the file", P))
BARE = P.with_columns(x=pl.lit(None, dtype=pl.Float64))
refused(
    "regressor empty",
    "D205",
    ig.fit,
    BARE,
    "y ~ x + z | firm",
    then=done("leave it out, or fill it", lambda c: [c.with_args(BARE, "y ~ z | firm"), c.with_args(P, c.args[1])]),
)
HALF = P.with_columns(x=pl.when(pl.col("year") > 2002).then("x"), z=pl.when(pl.col("year") < 2003).then("z"))
refused(
    "no row complete",
    "D205",
    ig.fit,
    HALF,
    "y ~ x + z | firm",
    then=done(
        "leave out the column with most missing values, or fill it in",
        lambda c: [c.with_args(HALF, "y ~ z | firm"), c.with_args(P, c.args[1])],
    ),
)
ALONE = P.with_row_index("row")
refused("every row alone", "D205", ig.fit, ALONE, "y ~ x | row", later="does not vary within the effects")
refused("every row alone, fewer effects", "D205", ig.fit, ALONE, "y ~ x | row", then=formula("fewer effects", "y ~ x"))
refused(
    "outcome absorbed",
    "D209",
    ig.fit,
    P.with_columns(y=pl.col("year")),
    "y ~ x | year",
    then=formula("fewer effects, or another outcome", "y ~ x", "z ~ x | year"),
)
refused(
    "outcome constant",
    "D209",
    ig.fit,
    P.with_columns(y=pl.lit(1.0)),
    "y ~ x",
    then=done("another outcome, or other rows", lambda c: [c.with_args(c.args[0], "z ~ x"), c.with_args(P, "y ~ x")]),
)
refused(
    "no regressor left",
    "D209",
    ig.fit,
    P,
    "y ~ m | region^year",
    then=formula("fewer effects or other regressors", "y ~ m | year", "y ~ x | region^year"),
)
refused(
    "instrument absorbed",
    "D209",
    ig.fit,
    P,
    "y ~ w | region^year | x ~ m",
    then=formula("vary within the effects", "y ~ w | region^year | x ~ z"),
)
CONSTANT = P.rename({"z": "constant"})
refused(
    "a column called constant",
    "U100",
    ig.fit,
    CONSTANT,
    "y ~ constant",
    then=done(
        "rename the column 'constant', or drop the intercept with - 1",
        lambda c: [c.with_args(P, "y ~ z"), c.with_args(CONSTANT, "y ~ constant - 1")],
    ),
)
LARGE = P.with_columns(x=pl.when(pl.int_range(pl.len()) == 7).then(1e200).otherwise(pl.col("x")))
refused(
    "numbers whose squares are beyond the range",
    "D203",
    ig.fit,
    LARGE,
    "y ~ x | firm + year",
    then=rows(
        "leave such rows out, or convert the column to another unit",
        LARGE.filter(pl.col("x") < 1e150),
        LARGE.with_columns(pl.col("x") / 1e100),
    ),
)
refused(
    "numbers whose squares are zero",
    "D203",
    ig.fit,
    P.with_columns(pl.col("x") * 1e-200),
    "y ~ x | firm + year",
    then=rows("convert the column to another unit", P),
)
refused(
    "weights negative",
    "D203",
    ig.fit,
    P.with_columns(w=-pl.col("w")),
    F,
    weights="w",
    then=rows(
        "correct them, or leave those rows out",
        P,
        P.with_columns(w=pl.when(pl.col("year") > 2000).then("w").otherwise(0)),
    ),
)
refused(
    "text among regressors",
    "D202",
    ig.fit,
    P,
    "y ~ x + kind",
    then=done(
        "among the effects, after |, or convert the column",
        lambda c: [
            c.with_args(P, "y ~ x | kind"),
            c.with_args(P.with_columns(kind=pl.col("kind") == "state"), c.args[1]),
        ],
    ),
)

# formulas
refused(
    "formula is no text",
    "U100",
    ig.fit,
    P,
    [F],
    then=done("give one formula; fit_many(panel, formulas)", lambda c: [c.with_args(P, F), Call(ig.fit_many, c.args)]),
)
for name, text in {
    "dummies of another program": "y ~ x + i(year)",
    "powers of another program": "y ~ poly(x, 2)",
    "products of another program": "y ~ c.x#c.x",
}.items():
    refused(
        name,
        "U102",
        ig.fit,
        P,
        text,
        then=written(lambda call, text: call.with_args(P, f"y ~ {text}"))
        if "dummies" not in name
        else formula("among the effects", "y ~ x | year"),
    )
refused(
    "endogenous twice",
    "U102",
    ig.fit,
    P,
    "y ~ x | firm | x ~ z",
    then=formula("in the last part only", "y ~ 1 | firm | x ~ z"),
)
refused(
    "instrument in the equation",
    "U102",
    ig.fit,
    P,
    "y ~ z | firm | x ~ z",
    then=formula("excluded from the equation", "y ~ 1 | firm | x ~ z"),
)
refused(
    "outcome is a regressor",
    "U102",
    ig.fit,
    P,
    "y ~ y | firm",
    then=formula("leave it out of the regressors", "y ~ x | firm"),
)
refused("no endogenous regressor", "U102", ig.fit, P, "y ~ x | firm | 1 ~ z", then=written(quoted))
refused(
    "too few instruments",
    "U102",
    ig.fit,
    P,
    "y ~ 1 | firm | x + w ~ z",
    then=formula("at least as many instruments", "y ~ 1 | firm | x + w ~ z + z2"),
)
refused("no regressor", "U102", ig.fit, P, "y ~ 1 | firm", then=written(quoted))
refused("regressor twice", "U102", ig.fit, P, "y ~ x + x | firm", then=formula("write it once", "y ~ x | firm"))
refused("formula unfinished", "U102", ig.fit, P, "y ~ x + | firm", then=written(quoted))
refused(
    "function unknown",
    "U102",
    ig.fit,
    P,
    "y ~ exp(w) | firm",
    then=formula(
        "ln(), log(); x^2 for a power, a:b for a product", "y ~ ln(w) | firm", "y ~ w^2 | firm", "y ~ w:x | firm"
    ),
)
STEPS = P.rename({"z": "a", "z2": "b", "m": "y1"}).with_columns(y2=pl.col("y") ** 2)
refused("outcome twice", "U102", ig.fit_many, STEPS, "c(y1, y1) ~ x", then=written(quoted))
refused("steps within steps", "U102", ig.fit_many, STEPS, "y ~ sw(x, csw(a, b))", then=written(quoted))
refused("step empty", "U102", ig.fit_many, STEPS, "y ~ sw(x, )", then=written(quoted))
refused("split and fsplit", "U100", ig.fit_many, P, F, split="kind", fsplit="kind", then=given())
refused("formula twice", "U100", ig.fit_many, P, [F, F], then=done("give it once", lambda c: c.with_args(P, [F])))
refused(
    "split without values",
    "D205",
    ig.fit_many,
    P.with_columns(kind=pl.lit(None, dtype=pl.String)),
    F,
    split="kind",
    then=done("another column", lambda c: c.with_options(split="industry")),
)

# Hausman
refused("hausman without a unit", "U102", hausman, P.rename({"x": "x1", "z": "x2"}), "y ~ x1", then=written(quoted))
refused("hausman of three clusters", "U100", hausman, P, F, cluster="firm + year + region")
refused("hausman column unknown", "U103", hausman, P, "y ~ xx | firm", then=meant("xx"))
MANY = pl.concat([P.with_columns(case=pl.int_range(pl.len()) + k * P.height) for k in range(100)])
refused(
    "hausman of many dummies",
    "U100",
    hausman,
    MANY,
    "y ~ x | firm + case",
    then=formula("leave it out", "y ~ x | firm"),
)
refused(
    "hausman of one cluster",
    "D206",
    hausman,
    P.with_columns(one=pl.lit("a")),
    F,
    cluster="one",
    then=done("cluster by a finer column", lambda c: c.with_options(cluster="firm")),
)
refused(
    "hausman of few rows",
    "D206",
    hausman,
    P.filter(pl.col("firm").is_between(pl.lit("F04"), pl.lit("F07")), pl.col("year") < 2002),
    "y ~ x + z + z2 + w | firm",
    then=formula("fewer regressors or effects", "y ~ x | firm"),
)
refused(
    "hausman of few units",
    "D206",
    hausman,
    P.filter(pl.col("firm").is_in(["F00", "F07", "F05"])),
    "y ~ x + z + w | firm",
    method="classical",
)
refused(
    "hausman of one unit",
    "D206",
    hausman,
    P.filter(region="R5"),
    "y ~ x | region",
    then=done(
        "another unit first among the effects, or take more rows",
        lambda c: [c.with_args(P.filter(region="R5"), "y ~ x | firm"), c.with_args(P, "y ~ x | region")],
    ),
)
refused(
    "hausman of a constant",
    "D209",
    hausman,
    P.with_columns(x=pl.col("firm").str.slice(1).cast(pl.Float64)),
    "y ~ x | firm",
    then=formula("a regressor that does, or put another unit first", "y ~ z | firm", "y ~ x | region"),
)
refused(
    "hausman of a constant, classical",
    "D209",
    hausman,
    P.with_columns(x=pl.col("firm").str.slice(1).cast(pl.Float64)),
    "y ~ x | firm",
    method="classical",
    then=formula("a regressor that does, or put another unit first", "y ~ z | firm", "y ~ x | region"),
)
refused(
    "hausman without freedom",
    "D206",
    hausman,
    P.head(24).filter(pl.col("year") < 2002),
    "y ~ x + z + z2 + w | firm",
    method="classical",
    then=done(
        "more years of the units, or fewer regressors",
        lambda c: [c.with_args(P, c.args[1]), c.with_args(c.args[0], "y ~ x | firm")],
    ),
)

# results
FIT = ig.fit(P, FORM, cluster="region")
PPML = ig.fit(P.with_columns(y=pl.col("w")), F, model="ppml")


def resid(fit: Any, panel: Any = None) -> Any:
    """Residuals of a fit."""
    return fit.resid(panel)


refused("residuals without the panel", "U100", resid, FIT, then=done("fit.resid(panel)", lambda c: c.with_args(FIT, P)))
refused(
    "residuals of ppml",
    "U100",
    resid,
    PPML,
    P,
    then=done(
        "model='linear'",
        lambda c: c.with_args(ig.fit(P.with_columns(y=pl.col("w")), F, model="linear"), P.with_columns(y=pl.col("w"))),
    ),
)
refused(
    "residuals without a column",
    "U103",
    resid,
    FIT,
    P.rename({"x": "xx"}),
    then=done("did you mean 'xx'", lambda c: c.with_args(FIT, P)),
)
refused(
    "residuals of other rows",
    "U100",
    resid,
    FIT,
    P.head(50),
    then=done("the same rows and values", lambda c: c.with_args(FIT, P)),
)
refused("level of an interval", "U100", FIT.tidy, level=95)
refused(
    "joint test of clusters",
    "D206",
    lambda fit: joint_test(fit, ["x", "x^2"]),
    ig.fit(TWO, "y ~ x + x^2", cluster="two", vcov="CR1"),
    then=done(
        "fewer terms, or cluster by a column with more levels",
        lambda c: [Call(joint_test, (c.args[0], ["x"])), c.with_args(FIT)],
    ),
)
refused(
    "joint test of an absorbed term",
    "D209",
    lambda fit: joint_test(fit, ["m"]),
    ig.fit(P, "y ~ x + m | region^year"),
    then=done("remove the fixed effect", lambda c: c.with_args(ig.fit(P, "y ~ x + m | region"))),
)

# models that are not linear
POSITIVE = P.with_columns(y=pl.col("w"))
for name, code, text, options in (
    ("ppml with instruments", "U100", "y ~ 1 | firm | x ~ z", {}),
    ("ppml of two clusters", "U100", F, {"cluster": "firm + year"}),
    ("ppml with satterthwaite", "U100", F, {"df": "satterthwaite", "cluster": "region"}),
    ("ppml with other factors", "U100", F, {"ssc": "fixest", "cluster": "region"}),
    ("ppml with a bootstrap", "U100", F, {"wild": 9, "cluster": "region"}),
    ("ppml with CR2", "U100", F, {"vcov": "CR2", "cluster": "region"}),
    ("ppml with HC1 and clusters", "U100", F, {"vcov": "HC1", "cluster": "region"}),
    ("ppml with CR1 and none", "U100", F, {"vcov": "CR1"}),
):
    refused(name, code, ig.fit, POSITIVE, text, model="ppml", **options)
refused(
    "ppml of negative values",
    "D203",
    ig.fit,
    P,
    F,
    model="ppml",
    then=done("least squares, or another outcome", lambda c: [c.without("model"), c.with_args(P, "w ~ x | firm")]),
)

# the curve
CURVE: dict[str, Any] = {
    "treatment": "m",
    "outcomes": ("y",),
    "controls": ("x",),
    "effects": ("firm + year",),
    "permutations": 9,
    "draws": 9,
    "cluster": "region",
}
refused("curve of two clusters", "U100", specification_curve, P, **{**CURVE, "cluster": "firm + region"})
refused(
    "curve without outcomes",
    "U100",
    specification_curve,
    P.with_columns(quality=pl.col("y")),
    **{**CURVE, "outcomes": ()},
)
refused("curve of negative draws", "U100", specification_curve, P, **{**CURVE, "draws": -1})
refused(
    "curve of an unknown column", "U103", specification_curve, P, **{**CURVE, "controls": ("xx",)}, then=meant("xx")
)
HALF = P.with_columns(half=pl.when(pl.col("firm") < "F12").then(pl.lit("a")).otherwise(pl.lit("b")), same=pl.lit(1.0))
refused(
    "curve of two levels",
    "D205",
    specification_curve,
    HALF,
    **{**CURVE, "cluster": "half"},
    then=done("three levels or more", lambda c: c.with_options(cluster="region")),
)
refused(
    "curve without a whole row",
    "D205",
    specification_curve,
    HALF.with_columns(gone=pl.lit(None, dtype=pl.Float64)),
    **{**CURVE, "controls": ("x", "gone")},
    then=done("leave out the column that is missing everywhere", lambda c: c.with_options(controls=("x",))),
)
refused(
    "curve of a constant",
    "D209",
    specification_curve,
    HALF,
    **{**CURVE, "outcomes": ("same",)},
    then=done("another column", lambda c: c.with_options(outcomes=("y",))),
)
refused(
    "hausman of Stata of few units",
    "D206",
    hausman,
    P.filter(pl.col("firm").is_in(["F00", "F07", "F05"])),
    "y ~ x + z + w | firm",
    method="stata",
)
