"""A sealed case as a leaf of the service log. A leaf says nothing to who does not know the case's root."""

from lineage import merkle
from lineage.canonical import canonical


def leaf(tenant: str, case: str, size: int, root: str, at: str) -> bytes:
    """The leaf hash of a seal: `size` entries under `root` (hex), sealed at `at`."""
    return merkle.leaf_hash(canonical({"at": at, "case": case, "root": root, "size": size, "tenant": tenant}))
