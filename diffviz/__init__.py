"""diffviz: watch generative models work."""

import logging

__version__ = "0.2.0"

logging.getLogger(__name__).addHandler(logging.NullHandler())  # a window has a log; others decide
