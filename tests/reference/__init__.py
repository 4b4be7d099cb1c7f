"""Naive float64 references, one module per method, written from the formulas: the truth that the compiled methods are held against."""
