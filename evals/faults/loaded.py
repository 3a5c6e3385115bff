"""What a worker would otherwise load for itself, loaded once: it is forked from a process that has all of it.

So the time until a worker goes on is that of its work, not that of Python reading files.
"""

import detect_secrets
import langgraph.checkpoint.postgres.aio
import langgraph.checkpoint.sqlite.aio

import evals.faults.working
import graphs.skeleton
from graphs import catalogue

for _name in catalogue.PATTERNS:
    catalogue.pattern(_name)

LOADED = (catalogue.all_scenarios(), detect_secrets, langgraph, evals.faults.working, graphs.skeleton)
"""Named, so that nobody takes the imports for idle."""
