"""Training a GAN as a run of frames."""
