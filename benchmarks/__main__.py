"""All measurements: `python -m benchmarks`."""

from benchmarks import html, image_save, overhead, schedule

html.main()
image_save.main()
overhead.main()
schedule.main()
