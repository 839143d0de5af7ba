"""Derive the tables of eni_lint/data/ from what public packages contain; nothing of them is imported or run."""
