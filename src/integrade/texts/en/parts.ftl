fails = { $what } (does not hold)
holds = { $what } (holds)
not-tested = { $what } (not tested)
p-below = { $test } below { $level }: { $p }
p-missing = { $test } below { $level }
