"""The window: widgets and plots. It reads the session and never imports torch or the engine."""
