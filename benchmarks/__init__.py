"""Times upreg against other libraries: `python -m benchmarks --threads 1 --peers torch,onnxruntime`.

Only ratios are worth quoting: best peer's time / upreg's time, in one run, interleaved, same threads, results checked first.
"""
