"""What a study asks of its panel: the benchmark and each question, one module and one step each."""
