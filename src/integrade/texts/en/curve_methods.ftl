permutation = permutation
wild = wild
