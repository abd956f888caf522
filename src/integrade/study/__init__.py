"""study.toml -> the rooms in order -> a run folder with a manifest."""
