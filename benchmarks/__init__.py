"""Side-by-side measurements, as ratios within one run. Never asserted in a test: machines differ and are busy."""
