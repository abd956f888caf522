"""Read files as they lie: encodings, archives, damage; sheets, pages and texts become grids of cells."""

from __future__ import annotations

from plainwords.texts import add_catalogues

add_catalogues(__name__)
