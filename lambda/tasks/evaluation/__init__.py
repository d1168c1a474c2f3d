"""How good a model is, what it is compared with, and whether it may go live."""
