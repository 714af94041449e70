"""What each site has free, kept in every process and brought current when it is asked for."""

from scheduling.snapshots.changes import prune_changes
from scheduling.snapshots.memory import HORIZON_DAYS, Snapshot, current, look

__all__ = ["HORIZON_DAYS", "Snapshot", "current", "look", "prune_changes"]
