"""What decides: pure functions and data, without I/O, clock, environment or randomness."""
