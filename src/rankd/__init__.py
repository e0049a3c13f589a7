"""rankd: the ranking service that a cooperative can own."""
