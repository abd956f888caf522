as-measured = The interval from { $low } to { $high } takes the treatment as measured without error.
how-often-covered = How often such intervals held the truth in { $draws } simulated samples of the nearest design ({ $goods } goods, curvature { $curvature }): effect of the move { $move }, slopes at p10, p50 and p90 at least { $slopes }, turning point { $turning }.
none = The interval from { $low } to { $high } takes the index as known without error: no interval here contains the noise of the index.
oriv = The interval from { $low } to { $high } contains the noise of the index: the index of one half of the goods is instrumented by that of the other (ORIV).
share = Of the variation of the index between regions in a year { $share } is noise.
share-unknown = How large the noise is is not known here.
simex-goods = The interval from { $low } to { $high } contains the noise of the index, that which regions share through their goods too (SIMEX with goods drawn).
simex-independent = The interval from { $low } to { $high } contains the noise of the index as if each region and year had its own; what regions share through their goods is left out (SIMEX with independent errors).
