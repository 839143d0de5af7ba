"""Terraform and OpenTofu: plans, states and source become the model."""
