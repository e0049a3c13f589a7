"""The tallies: what counted ballots say, exactly."""
