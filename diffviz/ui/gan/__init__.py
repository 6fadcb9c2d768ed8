"""What the GAN lab paints: samples over D(x), images with D(x) under them, and the path of the gradient."""
