"""Runs as files: pictures, animations, films, plots, arrays, tables and sessions. Numpy and Pillow only; streaming."""
