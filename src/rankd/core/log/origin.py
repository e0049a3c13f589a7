"""An origin: the name of a log, first part of everything that it numbers."""

ORIGIN_PATTERN = r"^[a-z0-9]([a-z0-9._/-]{0,98}[a-z0-9])?$"
"""What an origin looks like: first part of decision ids, name of a log and of its key, name of a co-op's minutes."""
