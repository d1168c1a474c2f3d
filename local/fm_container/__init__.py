"""A stand-in for SageMaker's Factorization Machines container: `train` and `serve` over /opt/ml."""
