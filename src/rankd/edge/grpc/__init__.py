"""The gRPC service: messages to and from dataclasses, interceptors, server."""
