"""Ratios measured side by side in one process: `make bench`."""

import os

# Before NumPy is imported: processor time counts every thread, so there is to be one.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
