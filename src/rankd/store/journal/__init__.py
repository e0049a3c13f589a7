"""The journal: entries durable before they count, then published as a tiled log; bodies that can be erased."""
