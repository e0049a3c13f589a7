"""Impact: what a proposed policy would have changed in recorded decisions, as numbers that anybody can compute again."""
