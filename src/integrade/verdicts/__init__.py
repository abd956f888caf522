"""Turn results into findings: verdicts, hypotheses, doubts, each with its numbers. Nothing is printed here."""
