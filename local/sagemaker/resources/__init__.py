"""One module for each thing that SageMaker has: its operations and its life."""
