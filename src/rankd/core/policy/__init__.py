"""Policies and limits: the strict reader, the texts members vote on and what they mean."""
