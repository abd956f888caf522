missed = a false negative: the claim holds in the simulated economy
open-true = the claim holds in the simulated economy
open-false = the claim does not hold in the simulated economy
right = the claim also holds in the simulated economy
rightly-contradicted = the claim does not hold in the simulated economy either
rightly-not-supported = the claim does not hold in the simulated economy either
wrongly-contradicted = a wrong conclusion: the claim holds in the simulated economy
wrongly-supported = a false positive: the claim does not hold in the simulated economy
