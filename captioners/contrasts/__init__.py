"""Kinds of contrast: which draw of a scene to change, and what to say of both worlds. One module a kind."""
