"""Compute with binsreg 3.2.1 (Cattaneo, Crump, Farrell and Feng) the numbers that test_bins.py compares with.

The bias of the plug-in is that of its own function (genB): its selector rounds the ends of bins to 16 decimals first,
so that values at an end fall to either side.

Usage: python binscatter.py panel.csv > binscatter.json     (binsreg, numpy and pandas from PyPI)
"""

import json
import sys
import warnings

import numpy as np
import pandas as pd
from binsreg import binsreg, binsregselect, funs

warnings.filterwarnings("ignore")
rows = pd.read_csv(sys.argv[1])
years = pd.get_dummies(rows["year"], drop_first=True).to_numpy(float)
found = {}
for name, x in {"continuous": rows["x"], "points": rows["market"]}.items():
    controls = np.column_stack([rows["scale"], years])
    controls = controls - controls.mean(axis=0)
    asked = {"x": x.to_numpy(), "y": rows["y"].to_numpy(), "w": controls}
    for cluster in (None, "firm"):
        of = {} if cluster is None else {"cluster": rows[cluster].astype("category").cat.codes.to_numpy()}
        rule = binsregselect(**asked, **of, bins=(0, 0), binsmethod="rot", dfcheck=(0, -1000))
        pilot = int(rule.nbinsrot_uknot)
        scaled = ((asked["x"] - asked["x"].min()) / np.ptp(asked["x"])).reshape(-1, 1)
        ends = np.unique(funs.genKnot_qs(scaled, int(rule.nbinsrot_regul)))
        bias = funs.genB(asked["y"].reshape(-1, 1), scaled, controls, 0, 0, 0, ends) * pilot**2
        one = found[f"{name}, {cluster or 'no cluster'}"] = {
            "rule": int(rule.nbinsrot_poly),
            "regularised": int(rule.nbinsrot_regul),
            "bias": float(rule.imse_b_rot),
            "variance": float(rule.imse_v_rot),
            "plug_in_bias": float(bias),
        }
        for n in (4, 9):
            drawn = binsreg(**asked, **of, nbins=n, dots=(0, 0), noplot=True).data_plot[0].dots
            one[str(n)] = {"x": drawn["x"].tolist(), "fit": drawn["fit"].tolist()}
print(json.dumps(found, indent=1))
