"""SageMaker as CloudFormation and Step Functions call it."""
