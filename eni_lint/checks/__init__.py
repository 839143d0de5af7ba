"""How rules decide: one module per rule, named as its card and its fixtures."""
