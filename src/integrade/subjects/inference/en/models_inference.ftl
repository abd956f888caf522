multi-way = multi-way clusters: corrected for the { $n } clusters of { $cluster }
multi-way-cgm = multi-way clusters: each part corrected for its own clusters (Cameron, Gelbach and Miller; sandwich without multi0)
multi-way-rows = multi-way clusters: each dimension corrected for its own clusters; the part they share is by rows and uncorrected (multi0 of sandwich)
repaired = negative eigenvalues of the multi-way covariance were set to zero, so the multi-way standard errors are unreliable; use the cluster jackknife (CR3) by { $cluster } only
without-cluster = a coefficient is not identified when { $cluster } { $name } is left out; a generalised inverse was used
without-clusters = a coefficient is not identified without { $cluster } { $name } (or without any of { $n ->
    [one] { $n } other cluster
   *[other] { $n } other clusters
}); a generalised inverse was used
no-first-stage-f = the first stage of { $terms } has no F: the instruments explain the regressor exactly, or the errors of the first stage vary in fewer directions than there are coefficients
few-clusters-count = { $term }: the effective number of clusters is { $effective } of { $clusters }, less than half; CR1 with t(G − 1) over-rejects, CR3 and the wild cluster bootstrap over-reject less
no-correlated-count = G* with errors perfectly correlated within a cluster is not available, because the fixed effects remove what is common to each { $cluster }
count-on-movers = G* with errors perfectly correlated within a cluster is based only on { $movers ->
    [one] { $movers } mover
   *[other] { $movers } movers
}, because { $effect } effects remove what is common to each { $cluster }
null = the null hypothesis is that { $treatment } has no effect on any row, and that the treatment histories of regions are exchangeable. Histories are not exchangeable if they are related to other differences between regions
null-with-fixed = the null hypothesis is that { $treatment } has no effect on any row, and that the treatment histories of regions are exchangeable. Histories are not exchangeable if they are related to other differences between regions. { $fixed ->
    [one] { $fixed } region that covers other years keeps its treatment history
   *[other] { $fixed } regions that cover other years keep their treatment histories
}
