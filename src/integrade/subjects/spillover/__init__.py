"""The integration of a region's neighbours."""
