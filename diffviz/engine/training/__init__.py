"""Training runs: generators of progress frames and checkpoints."""
