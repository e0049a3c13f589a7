"""Features: what is counted of what people did, and how the counts are read into a model's columns."""
