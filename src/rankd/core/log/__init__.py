"""The append-only log as RFC 6962 and C2SP define it: trees, proofs, tiles, notes, checkpoints."""
