"""What keeps the product working: clusters with their heartbeats, clockwork with its last runs."""
