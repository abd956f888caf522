"""What a referee changes: samples, definitions, confounders, paths of regions."""
