against = Against it: { $finding }
more = { $more } more in the report.
outcome = { $outcome }: { $hypotheses }.
wrong = Refuted by the simulated economy: { $verdicts }
