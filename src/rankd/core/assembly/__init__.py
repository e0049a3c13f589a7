"""The assembly: what the members decided, as a pure fold over the minutes."""
