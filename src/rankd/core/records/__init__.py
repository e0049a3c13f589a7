"""Decisions as bytes: what is written down, and how it is read back."""
