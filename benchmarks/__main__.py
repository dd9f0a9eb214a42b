"""All measurements: `python -m benchmarks`."""

from benchmarks import overhead

overhead.main()
