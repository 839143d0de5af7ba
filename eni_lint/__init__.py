"""eni-lint: what will go wrong with Lambda functions in VPCs, said before the deployment."""

__version__ = "0.1.0"
