"""Files of any dialect become deployments of one model."""
