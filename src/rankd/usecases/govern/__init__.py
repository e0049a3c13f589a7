"""Govern: keeping the minutes of the assembly, and reading them without trusting who keeps them."""
