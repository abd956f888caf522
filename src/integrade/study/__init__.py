"""Run a study: from study.toml through its steps in order to a run folder with a manifest."""
