"""How many generated examples are run, and from which seed on. `make fuzz` raises the one and changes the other."""

import os

EXAMPLES = int(os.environ.get("COMPENGINE_EXAMPLES", "200"))
SEED = int(os.environ.get("COMPENGINE_SEED", "20260101"))
BLOCK = 10


def blocks() -> list[range]:
    """The seeds in blocks of `BLOCK`, so that workers can share them."""
    last = SEED + EXAMPLES
    return [range(first, min(first + BLOCK, last)) for first in range(SEED, last, BLOCK)]


def told() -> str:
    return f"generated examples: {EXAMPLES} (COMPENGINE_EXAMPLES) from seed {SEED} (COMPENGINE_SEED)"


def place(block: range) -> str:
    """The name of a block, the same whatever the seed."""
    return f"{block.start - SEED}-{block.stop - SEED - 1}"
