"""Road networks: reference lines, roads, lanes and junctions, as OpenDRIVE has them."""
