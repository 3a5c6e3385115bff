"""`python -m server.openapi`: prints the OpenAPI document, without a database. The web's client is made from it."""

from __future__ import annotations

import sys

import orjson

from server.api.application import routed


def main() -> None:
    """Print it."""
    sys.stdout.buffer.write(orjson.dumps(routed().openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main()
