p25-to-p75 = p25 to p75
p10-to-p50 = p10 to p50
p50-to-p90 = p50 to p90
lowest-to-turning-point = lowest to turning point
turning-point-to-highest = turning point to highest
one-sd = one s.d.
