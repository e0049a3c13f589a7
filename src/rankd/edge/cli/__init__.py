"""The rankd command."""
