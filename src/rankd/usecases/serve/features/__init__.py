"""Features: the counts of events that are kept for models, and the columns that are worked out from them."""
