"""Who checks: bundles, verdicts, replays and the report, from evidence alone."""
