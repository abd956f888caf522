cr1 = With { $n } clusters by { $cluster }, CR1 standard errors tend to be too small, so tests reject too often. Rely on the cluster jackknife (CR3) or the wild cluster bootstrap
independent = { $kind } standard errors treat rows as independent. They are too small if rows of one region share shocks and regressors. With { $n } regions, rely on the cluster jackknife (CR3) by region or the wild cluster bootstrap
assuming-independent = if errors are independent
assuming-either = if errors are independent. It is { $correlated } if errors are perfectly correlated within a cluster
cr1-elsewhere = With { $n } clusters, CR1 standard errors tend to be too small: see the notes of { $table }
independent-elsewhere = With { $n } regions, { $kind } standard errors may be too small: see the notes of { $table }
cr1-alone = With { $n } clusters by { $cluster }, CR1 standard errors tend to be too small, so tests reject too often
independent-alone = { $kind } standard errors treat rows as independent. They are too small if rows of one region share shocks and regressors
