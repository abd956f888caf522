cr1 = CR1 with { $n } clusters by { $cluster }: with few or unequal clusters these standard errors tend to be too small and t(G − 1) over-rejects; rely on the cluster jackknife (CR3) or the wild cluster bootstrap
independent = { $kind } standard errors treat rows as independent and are too small if rows of one region share shocks and regressors. With { $n } regions, rely on the cluster jackknife (CR3) by region or the wild cluster bootstrap
assuming-independent = if errors are independent
assuming-either = if errors are independent, { $correlated } if those of a cluster are equal
