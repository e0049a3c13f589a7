"""Where rankd meets the world: gRPC, HTTP and the command line."""
