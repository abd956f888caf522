target-drawn = target: the slope on the index as measured with { $goods } goods, not on an index without error. Drawing goods adds error once more: the draws are attenuated twice, and no interval here promises to cover the structural slope
target-held = target: the slope on the index as measured with { $goods } goods, held fixed
over-corrects = at a small number of goods this can over-correct: the noise of an index grows with the segmentation it measures, and the halves share it; read it beside the naive slope, not instead of it
answers-sampling-error = this answers sampling error in the index alone: not omitted causes, not reverse causation
no-simulated-bias = no simulated bias: give goods=... (the number of goods of the whole index)
by-simex = coefficients by simulation-extrapolation with errors drawn independently by region and year, standard errors by its cluster jackknife: noise that regions share through their goods is left out
by-simex-of-goods = coefficients by simulation-extrapolation with goods drawn, so that regions share the errors; variance: its cluster jackknife plus that of the drawn goods (noise of a cluster's own cells is in both: on the safe side)
no-goods = the index came without its goods, so these could not be drawn
