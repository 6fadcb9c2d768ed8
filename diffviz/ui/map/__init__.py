"""The latent map: points of a latent space on a plane, with what is drawn behind and over them."""

from diffviz.ui.map.latent_map import LatentMap

__all__ = ["LatentMap"]
