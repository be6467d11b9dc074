"""Words of a person's settings and notices, for the pages that print them."""
