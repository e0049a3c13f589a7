"""What rankd does for its users: rank, explain, replay, keep surfaces current, learn."""
