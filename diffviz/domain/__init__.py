"""Plain data shared by every layer: requests, frames, messages, cards, text. Standard library and numpy only."""
