title = Coefficients
title-of = Coefficients: { $outcome }
coefficient = Coefficient
bars = Bars: { $level }% intervals
own-errors = each with its own standard errors
n = n = { $n }
fit-and-n = { $fit } (n = { $n })
estimate-of = { $term } in { $fit }: { $estimate }
