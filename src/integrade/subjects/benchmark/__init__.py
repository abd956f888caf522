"""The regression that a study is about, and the description of its sample."""
