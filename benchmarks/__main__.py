"""All measurements: `python -m benchmarks`."""

from benchmarks import overhead, schedule

overhead.main()
schedule.main()
