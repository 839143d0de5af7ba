"""Templates become the model: one module per family of things."""
