"""Results to findings: verdicts, hypotheses, doubts, each with the numbers it rests on. Nothing is printed here."""
