"""Compute which effects a design can find, before the data are bought or a null result is believed."""
