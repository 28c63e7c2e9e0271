"""What the world is: the scene language, its resolution, and the built world."""
