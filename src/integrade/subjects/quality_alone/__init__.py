"""A study of export quality without a treatment."""
