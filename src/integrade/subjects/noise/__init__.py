"""Measurement error of the index: attenuation, SIMEX, ORIV, the bootstrap of the pipeline."""
