"""A PostgreSQL database of a test's own, on the server of this machine."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

SERVER = os.environ.get("CASEGATE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")


@contextmanager
def own_database() -> Iterator[str]:
    """The URL of an empty database, dropped at the end. Skips where no server answers, and says how to get one."""
    name = f"casegate_{uuid.uuid4().hex[:12]}"
    try:
        server = psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL at 127.0.0.1:5432 (Debian: apt-get install postgresql; database test, trust)")
    try:
        server.execute(f'CREATE DATABASE "{name}"')
        yield f"{SERVER.rpartition('/')[0]}/{name}"
    finally:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.close()
