"""Effect sizes: arrays in, `Estimate` out. Knows nothing of frames, scales or studies."""
