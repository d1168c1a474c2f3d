"""Serving a model: the Serving stack, the lock, the endpoint's verification, the roll-back."""
