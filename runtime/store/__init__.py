"""The store: one database (SQLite or PostgreSQL) that holds everything that is true.

Graph state holds ids; nodes load from here. One turn is one transaction (`RunStore.commit`), keyed, so that a node
that runs again after a crash changes nothing (R10).
"""
