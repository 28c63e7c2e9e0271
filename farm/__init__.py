"""Work over many scenes: blocks, workers, resume, progress."""
