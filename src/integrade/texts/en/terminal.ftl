against = Against it: { $finding }
more = { $more } more in the report.
outcome = { $outcome }: { $hypotheses }.
wrong = Wrong, as the simulated economy shows: { $verdicts }
