"""Hunts: tools that look for what breaks LEO Studio, longer than a test may take.

```
python -m tests.hunts.fuzz       damaged files, for every reader
python -m tests.hunts.monkey     random actions in the window
python -m tests.hunts.torture    kill -9 at random moments
```

Tests beside them run a few of their cases. What they found stands in docs/reliability.md.
"""
