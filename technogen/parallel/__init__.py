"""Many files worked on at once: by processes of this machine, or by the machines of a Ray cluster."""

from technogen.parallel.cluster import run_on_ray
from technogen.parallel.processes import Lost, end_with_parent, run_in_processes, start_workers
from technogen.parallel.remarks import hear_warnings

__all__ = ["Lost", "end_with_parent", "hear_warnings", "run_in_processes", "run_on_ray", "start_workers"]
