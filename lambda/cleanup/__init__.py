"""Takes down what CloudFormation does not know of: the handlers of the clean-up resources."""
