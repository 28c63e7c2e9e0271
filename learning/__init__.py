"""Datasets as torch reads them: typed samples, random access, shuffled and resumable streams, collation.

Samples and indices are numpy alone; what needs torch (extra ``torch``) imports it in its own module.
"""
