cr1 = CR1 with { $n } clusters by { $cluster }: with few or unequal clusters, CR1 standard errors tend to be too small and tests over-reject. Rely on the cluster jackknife (CR3) or the wild cluster bootstrap
independent = { $kind } standard errors treat rows as independent. They are too small if rows of one region share shocks and regressors. With { $n } regions, rely on the cluster jackknife (CR3) by region or the wild cluster bootstrap
assuming-independent = if errors are independent
assuming-either = if errors are independent. It is { $correlated } if errors are perfectly correlated within a cluster
