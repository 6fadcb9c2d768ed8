"""Pixel faces: the design of the data set, a compositor that draws any face, a reader, and a judge of made-up ones."""
