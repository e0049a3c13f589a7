"""Adapters to disks: atomic files, the record of decisions, policies and models in folders."""
