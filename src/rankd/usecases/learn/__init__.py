"""From a history of impressions to a sealed model."""
