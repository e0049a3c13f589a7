"""The side port: metrics and health for the operator."""
