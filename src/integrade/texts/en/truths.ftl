missed = missed: it is so in the simulated economy
right = and so it is in the simulated economy
rightly-contradicted = nor is it so in the simulated economy
rightly-not-supported = nor is it so in the simulated economy
wrongly-contradicted = wrong: it is so in the simulated economy
wrongly-supported = wrong: it is not so in the simulated economy
