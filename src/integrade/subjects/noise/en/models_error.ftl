target-drawn = the bootstrap is about the slope on an index of { $goods } goods, not on an error-free index. Resampling goods adds further error, so the draws are attenuated twice, and the intervals need not cover the structural slope
target-held = the bootstrap is about the slope on the index measured with { $goods } goods, taken as given
over-corrects = with few goods, ORIV can over-correct: noise grows with segmentation, and both halves of the goods share this segmentation; compare the corrected with the uncorrected slope
answers-sampling-error = the correction addresses noise in the index, not omitted variables or reverse causality
no-simulated-bias = the simulated bias is not available: give goods=... (the number of goods of the whole index)
by-simex = coefficients from simulation-extrapolation, with errors drawn independently by region and year and standard errors from the cluster jackknife; noise that regions share through common goods is not included
by-simex-of-goods = coefficients from simulation-extrapolation; the added errors come from resampling goods and are therefore correlated across regions; the variance is the variance of the cluster jackknife plus the variance over drawn goods (conservative)
no-goods = goods could not be drawn, because the index was supplied without them
