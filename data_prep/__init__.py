"""Interactions in, Factorization Machines training data out: a pure library, no AWS."""
