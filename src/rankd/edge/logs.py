"""Logging: the one place where handlers are set. Nothing at INFO or above names a viewer, a candidate or a feature."""

import logging
import sys
import time


def log_to_stderr(level: int = logging.INFO) -> None:
    """Have rankd log to stderr, one line an event, times in UTC; other libraries from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("rankd").setLevel(level)
