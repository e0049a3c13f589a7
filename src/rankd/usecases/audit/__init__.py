"""Auditing: bundle, verify, replay and report, from evidence alone; nothing here shares a step with what ranked."""
