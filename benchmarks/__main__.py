"""All measurements: `python -m benchmarks`."""

from benchmarks import html, image_save, overhead, plan, schedule

html.main()
image_save.main()
overhead.main()
plan.main()
schedule.main()
