"""diffviz: watch generative models work."""

import logging

__version__ = "0.6.0"

logging.getLogger(__name__).addHandler(logging.NullHandler())  # a window has a log; others decide

ENGINE_HOST = "--engine-host"
"""The argument with which the program is no window but the process that one of it has for long runs."""
