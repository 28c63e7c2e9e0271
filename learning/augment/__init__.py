"""Synchronized augmentation: pixels, labels, calibration, points, tracks and words change together, or not at all."""
