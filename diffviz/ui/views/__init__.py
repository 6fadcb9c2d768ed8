"""Views: each draws the shown run at the cursor and knows no other view."""
