"""Families of measures of integration and of quality: whether they rank regions and firms in the same way."""
