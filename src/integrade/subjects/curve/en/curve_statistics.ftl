median = median
share-significant = share significant
mean-z = mean z
