target-drawn = estimand: the slope on the index as measured with { $goods } goods, not on an error-free index. Resampling goods adds error once more: the draws are attenuated twice, and no interval here is guaranteed to cover the structural slope
target-held = estimand: the slope on the index as measured with { $goods } goods, held fixed
over-corrects = with few goods this can over-correct: the noise in an index grows with the segmentation it measures, and the halves share it; read it together with the uncorrected slope, not instead of it
answers-sampling-error = this addresses sampling error in the index alone: not omitted variables, not reverse causality
no-simulated-bias = no simulated bias: give goods=... (the number of goods of the whole index)
by-simex = coefficients by simulation-extrapolation with errors drawn independently by region and year, standard errors by its cluster jackknife: noise that regions share because they share goods is left out
by-simex-of-goods = coefficients by simulation-extrapolation with goods drawn, so that regions share the errors; variance: cluster jackknife plus the variance over drawn goods (noise in a cluster's own cells enters both, which is conservative)
no-goods = the index was supplied without its goods, so these could not be drawn
