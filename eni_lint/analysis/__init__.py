"""What the model implies: interfaces, permissions, routes, needs and order; no severity, no message texts."""
