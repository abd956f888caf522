"""Read the canonical tables (prices, customs, firms ...) and clean them."""
