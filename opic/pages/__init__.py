"""Pages that stand beside the apps: what the product says about itself."""
