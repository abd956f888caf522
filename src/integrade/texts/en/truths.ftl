missed = missed: true in the simulated economy
right = also true in the simulated economy
rightly-contradicted = not true in the simulated economy either
rightly-not-supported = not true in the simulated economy either
wrongly-contradicted = wrong: true in the simulated economy
wrongly-supported = wrong: not true in the simulated economy
