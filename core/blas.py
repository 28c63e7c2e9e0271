"""One thread for sums: how a sum is split among threads decides its last bits."""

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""To be in the environment before numpy loads its BLAS."""
