"""The sample viewer: the pictures of the frame at the cursor, in panes side by side."""
