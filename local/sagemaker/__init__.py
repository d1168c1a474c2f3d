"""SageMaker in the local account: control plane, data plane, and every resource."""
