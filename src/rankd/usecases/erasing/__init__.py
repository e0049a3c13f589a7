"""Erasing: signed orders to forget, and bodies that are past their time."""
