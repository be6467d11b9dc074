"""Is it well? Three addresses for machines, and the same in words for people (`report`)."""
