"""diffviz: watch generative models work."""

__version__ = "0.1.0"
