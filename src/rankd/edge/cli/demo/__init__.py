"""The demo: a co-op, its service, feeds, two votes, and a proof, played in a minute."""
