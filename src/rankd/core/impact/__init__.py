"""Impact: what a proposed policy changes in recorded decisions, in numbers that anybody can compute again."""
