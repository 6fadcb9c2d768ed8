"""Layout by geometry: nothing overlaps, is cut, elided without help, or empty, at any size the program is used in."""
