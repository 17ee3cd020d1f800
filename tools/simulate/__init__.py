"""A simulated broker's staff at work, to measure what the anomaly rules find."""
