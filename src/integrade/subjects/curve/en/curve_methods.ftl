permutation = permutation
wild = wild cluster bootstrap
