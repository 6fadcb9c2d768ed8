"""Picture files as arrays of 256 levels, with numpy and Pillow alone: what training, commands and the window read."""
