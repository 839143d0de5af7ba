"""Terraform and OpenTofu source as written: syntax, module trees, variables, evaluation and saved plans."""
