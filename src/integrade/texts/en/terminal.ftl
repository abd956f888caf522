against = Against it: { $finding }
more = { $more } more in the report.
outcome = { $outcome }: { $hypotheses }.
wrong = Wrong, according to the simulated economy: { $verdicts }
