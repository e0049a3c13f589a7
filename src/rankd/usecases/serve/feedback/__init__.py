"""Feedback: what people did with a slate, from the call to the journal of events, each thing once."""
