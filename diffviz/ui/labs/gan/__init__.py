"""The GAN lab."""
