"""Witnessing: cosigning other people’s logs, and having one’s own cosigned."""
