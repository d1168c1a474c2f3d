"""The training engines: mini-batches, Adam, and the same updates in numpy and compiled by Numba."""
