"""All measurements: `python -m benchmarks`."""

from benchmarks import html, overhead, schedule

html.main()
overhead.main()
schedule.main()
