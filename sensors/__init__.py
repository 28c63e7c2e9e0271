"""What happens and what is sensed: physics, the ray engine, and the sensors that cast it."""
