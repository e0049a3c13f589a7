"""What rankd says to people, in French and in English."""
