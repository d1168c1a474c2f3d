"""PrepareData's work: which interactions, how large, prepared how, and for which training job."""
