"""Generated from proto/rankd/v1 by `make proto`; `make check` compares."""
