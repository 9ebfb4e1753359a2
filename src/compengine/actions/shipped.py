"""Where the files lie that come with the package: sample plans and statement templates."""

from pathlib import Path

import compengine


def shipped(name: str) -> Path:
    """The folder `plans` or `statements`: inside an installed wheel, or at the top of a source checkout."""
    package = Path(compengine.__file__).parent
    installed = package / "_shipped" / name
    found = installed if installed.is_dir() else package.parent.parent / name
    assert found.is_dir(), f"the package was built without its folder {name}"
    return found
