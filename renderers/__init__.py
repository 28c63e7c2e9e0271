"""A world as pixels: Blender for the real picture, the ray engine for a fast one and for every label."""
