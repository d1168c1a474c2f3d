"""What connects SageMaker with CloudFormation and Step Functions."""
