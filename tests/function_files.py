"""Files of measured functions to test with: damped oscillations, each at points of its own."""

import math
import random
from pathlib import Path


def oscillations(path: Path, tasks: int = 60, fewest: int = 8, most: int = 30) -> Path:
    """Write a table in units of its own: seconds after 100, and values about 500."""
    random_numbers = random.Random(0)
    lines = ["task,x,y,remark"]
    for task in range(tasks):
        size, phase = random_numbers.uniform(20, 60), random_numbers.uniform(0, 2 * math.pi)
        for _ in range(random_numbers.randint(fewest, most)):
            x = random_numbers.uniform(100, 110)
            value = size * math.exp(-(x - 100) / 8) * math.sin(1.2 * (x - 100) + phase)
            y = 500 + value + random_numbers.gauss(0, 2)
            lines.append(f"station {task},{x!r},{y!r},none")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
