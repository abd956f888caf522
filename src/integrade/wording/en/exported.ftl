as-text = whole numbers beyond 2^53 are text in Stata
cut = { $name }: { $why }
infinite = infinite numbers are missing in Stata
long-text = texts longer than 2,045 bytes end there in Stata
named = column { $column } is called { $name } in Stata and R
in-sample = complete in every column of the benchmark
