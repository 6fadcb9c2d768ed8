"""The computing half: networks, samplers, training. The only owner of torch; knows nothing of Qt.

Importing this package does not import torch: the forward process runs before torch is loaded.
"""

from diffviz.engine.runtime import spin_briefly

spin_briefly()
