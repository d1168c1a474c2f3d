"""Replacing the live model: the Serving stack, the lock, the endpoint's verification, roll-back."""
