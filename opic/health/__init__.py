"""Health: three addresses for machines, and the same findings in words for people (`report`)."""
