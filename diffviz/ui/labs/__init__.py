"""Labs: each arranges views and one form for a family of models."""
