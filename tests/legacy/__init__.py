"""Files that older versions wrote: they open, and what is in them computes as it did."""
