"""The Diffusion lab."""
