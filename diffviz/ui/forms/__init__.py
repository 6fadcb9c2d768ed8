"""Forms: they are derived from the settings that requests declare, and every change can be undone."""
