"""From margins to a slate: calibration, lift, value, rules, slate, exploration, explanation."""
