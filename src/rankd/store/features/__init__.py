"""Feature stores: packed counts under keys, and how much of the journal is counted. Views: they can be deleted."""
