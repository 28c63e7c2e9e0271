"""Side-by-side measurements; ``python -m benchmarks`` runs them. Ratios travel between machines, seconds do not."""
