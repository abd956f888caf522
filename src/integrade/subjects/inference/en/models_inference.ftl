multi-way = multi-way clusters: corrected for the { $n } clusters of { $cluster }
multi-way-cgm = multi-way clusters: each part corrected for its own clusters (Cameron, Gelbach and Miller; sandwich without multi0)
multi-way-rows = multi-way clusters: each dimension corrected for its own clusters, what they share by rows and uncorrected (multi0 of sandwich)
repaired = the multi-way covariance had negative eigenvalues, set to zero: its standard errors are unreliable; use the cluster jackknife (CR3) by { $cluster } alone
without-cluster = without { $cluster } { $name } a coefficient is not identified; a generalised inverse was used there
without-clusters = without { $cluster } { $name } (or { $n ->
    [one] { $n } other
   *[other] { $n } others
}) a coefficient is not identified; a generalised inverse was used there
no-first-stage-f = the first stage of { $terms } has no F: the instruments explain it exactly, or its errors vary in fewer directions than its coefficients
few-clusters-count = { $term }: { $effective } effective clusters of { $clusters }, fewer than half; CR1 with t(G − 1) over-rejects, CR3 and the wild cluster bootstrap less so
no-correlated-count = the fixed effects remove what is common to each { $cluster }: no G* for errors that are equal within a cluster
count-on-movers = { $effect } effects remove what is common to each { $cluster } but for { $movers ->
    [one] { $movers } mover: on it alone rests
   *[other] { $movers } movers: on these alone rests
} G* for errors equal within a cluster
null = null: { $treatment } has no effect on any row, and the regions' paths are exchangeable (which fails if paths are related to other differences between regions)
null-with-fixed = null: { $treatment } has no effect on any row, and the regions' paths are exchangeable (not so where paths go with what else makes regions differ); { $fixed ->
    [one] { $fixed } region with years of its own keeps its path
   *[other] { $fixed } regions with years of their own keep their path
}
