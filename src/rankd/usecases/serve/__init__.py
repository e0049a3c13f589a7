"""Serving: rank, record and explain; epochs, surfaces and what a running service does beside."""
