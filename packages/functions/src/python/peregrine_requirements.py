"""Whether what a function asks for is installed. Nothing is installed here."""

import re


def unmet(requirements):
    """Sentences on requirements that are not there; what cannot be judged is passed over."""
    try:
        from importlib import metadata
    except ImportError:
        return
    for line in requirements.splitlines():
        line = line.split("#")[0].strip()
        match = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*((?:[<>=!]=?\s*[0-9.]+\s*,?\s*)*)$", line)
        if match is None:
            continue
        try:
            found = metadata.version(match.group(1))
        except metadata.PackageNotFoundError:
            yield "`%s` is asked for, and is not installed" % line
            continue
        for operator, wanted in re.findall(r"([<>=!]=?)\s*([0-9.]+)", match.group(2)):
            if not compares(numbers(found), operator, numbers(wanted)):
                yield "`%s` is asked for, and %s is installed" % (line, found)


def numbers(version):
    found = [int(part) for part in re.match(r"[0-9.]*", version).group().split(".") if part]
    while found and found[-1] == 0:
        found.pop()
    return found


def compares(found, operator, wanted):
    return {
        "==": found == wanted,
        "!=": found != wanted,
        ">=": found >= wanted,
        "<=": found <= wanted,
        ">": found > wanted,
        "<": found < wanted,
    }.get(operator, True)
