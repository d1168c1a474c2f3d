"""One module for each thing that SageMaker has: its operations and what happens behind them."""
