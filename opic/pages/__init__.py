"""Pages that need several apps, and pages about the product itself."""
