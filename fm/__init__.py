"""The factorization machine as numbers: artifact, scores, metrics and recommendations."""
