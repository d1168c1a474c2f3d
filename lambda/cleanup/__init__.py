"""The clean-up: the handlers of the custom resources that delete what CloudFormation does not."""
