"""The least number of tests in each stage, so that none is lost in silence."""

from .. import paths, stamp

FLOOR = paths.TOOLS / "test_floor.txt"
HEAD = """\
# Fewer tests than this in a stage fail the run; ./cartera test --raise-floor raises it.
"""


def read(path=FLOOR):
    lines = (line.split("#")[0].split() for line in path.read_text().splitlines())
    return {parts[0]: int(parts[1]) for parts in lines if parts}


def shortfalls(ran, floor):
    """A sentence for each stage that ran fewer tests than its floor."""
    return [
        f"{stage}: {ran.get(stage, 0)} tests ran, the floor is {least}"
        for stage, least in floor.items()
        if ran.get(stage, 0) < least
    ]


def raise_to(ran, path=FLOOR):
    """Write the numbers of this run; a floor never sinks by itself."""
    floor = read(path) if path.exists() else {}
    raised = {stage: max(number, floor.get(stage, 0)) for stage, number in ran.items()}
    stamp.write_file(
        path, HEAD + "".join(f"{stage} {raised[stage]}\n" for stage in raised)
    )
