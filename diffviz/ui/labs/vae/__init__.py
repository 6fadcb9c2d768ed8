"""The VAE lab."""
