"""Pictures and animations of runs, without Qt and without torch."""
