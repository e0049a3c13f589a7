"""Integers, digests, canonical JSON and chance: the arithmetic that every machine repeats alike."""
