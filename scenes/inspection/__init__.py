"""Machined and moulded parts for inspection, and their defects."""
