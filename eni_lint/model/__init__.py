"""What inputs state: one normalised model of functions, roles and networks for every dialect."""
