"""Privacy: what rankd holds about one person, and how it is forgotten."""
