#!/usr/bin/env python3
"""rooms: compares the arrows between rooms in Package.swift, in CONTRIBUTING.md and in the imports of Sources/ and Tests/.

  rooms.py [DIRECTORY]        prints each fault; nothing when all is well

A room is a directory of Sources/ with Swift files. Faults: the two lists differ; a file imports what its room has no arrow for;
an arrow that no file needs; a room that is not listed below all the rooms it imports (so there can be no circle);
a test file that imports what Package.swift does not list for its tests, which builds only while another target is built first.
Exit codes: 0 no fault, 1 a fault was printed.
"""
import os
import re
import sys

# Part of every Swift toolchain.
SYSTEM = {"Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization", "Testing"}
# How CONTRIBUTING.md names what other packages make.
PRODUCTS = {"NIOCore": "SwiftNIO", "NIOPosix": "SwiftNIO", "HeapModule": "HeapModule", "ArgumentParser": "ArgumentParser"}
IMPORT = re.compile(
    r"^ *(?:@\w+ +)*(?:(?:public|package|internal|fileprivate|private) +)?import +"
    r"(?:(?:struct|class|enum|func|protocol|typealias|let|var) +)?(\w+)", re.M)


def packaged(text):
    """Room → its dependencies, as Package.swift has them; products by their module's name."""
    text = plain(text)
    rooms = re.findall(r"\broom\(\s*\"(\w+)\",\s*\[(.*?)\]\s*\)", text, re.S)
    rooms += re.findall(r"arget\(\s*name: \"(gallery|Program)\",\s*dependencies: \[(.*?)\]", text, re.S)
    return {name: set(re.findall(r'"(\w+)"', listed)) for name, listed in rooms}


def plain(text):
    """Package.swift with each product written as its module's name."""
    return re.sub(r"\.product\(name: \"(\w+)\"[^)]*\)|nio\(\"(\w+)\"\)", lambda m: f'"{m[1] or m[2]}"', text)


def tested(text):
    """Folder of Tests/ → what its files may import, as Package.swift has it."""
    text = plain(text)
    tests = {f"{name}Tests": {name} | set(re.findall(r'"(\w+)"', more))
             for name, more in re.findall(r"\btests\(\s*\"(\w+)\"(?:,\s*\[(.*?)\])?\s*\)", text, re.S)}
    for name, more in re.findall(r"\.testTarget\(\s*name: \"(\w+)\",\s*dependencies: \[(.*?)\]", text, re.S):
        tests[name] = set(re.findall(r'"(\w+)"', more))
    return tests


def listed(text):
    """Room → its arrows, as CONTRIBUTING.md has them, in the order of the page."""
    rooms = {}
    for name, arrows in re.findall(r"^(\w+) +→(.*)$", text, re.M):
        inside, _, outside = arrows.partition("(")
        rooms[name] = set(inside.split()) | set(outside.strip(") ").split(", ")) - {""}
    return rooms


def imported(folder):
    """What the Swift files of a room import, the toolchain's own modules left out: module → one file that does."""
    found = {}
    for path, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith(".swift"):
                file = os.path.join(path, name)
                with open(file, encoding="utf-8") as text:
                    for module in IMPORT.findall(text.read()):
                        found.setdefault(module, file)
    return {module: file for module, file in found.items() if module not in SYSTEM}


def has_swift(folder):
    return any(name.endswith(".swift") for _, _, names in os.walk(folder) for name in names)


def faults(top):
    text = open(os.path.join(top, "Package.swift"), encoding="utf-8").read()
    package = packaged(text)
    page = listed(open(os.path.join(top, "CONTRIBUTING.md"), encoding="utf-8").read())
    sources = os.path.join(top, "Sources")
    rooms = {name for name in os.listdir(sources) if has_swift(os.path.join(sources, name))}
    for name in sorted(rooms | set(package) | set(page)):
        missing = [where for where, there in
                   (("Sources", rooms), ("Package.swift", package), ("CONTRIBUTING.md", page)) if name not in there]
        if missing:
            yield f"{name}: not in {' and '.join(missing)}"
            continue
        arrows = {PRODUCTS.get(module, module) for module in package[name]}
        for arrow in sorted(arrows ^ page[name]):
            yield f"{name} → {arrow}: only in {'Package.swift' if arrow in arrows else 'CONTRIBUTING.md'}"
        used = imported(os.path.join(sources, name))
        for module in sorted(set(used) - package[name]):
            yield f"{os.path.relpath(used[module], top)}: import {module}, and {name} has no such arrow"
        for module in sorted(package[name] - set(used)):
            yield f"{name} → {module}: no file imports it"
    for name, modules in sorted(tested(text).items()):
        used = imported(os.path.join(top, "Tests", name))
        for module in sorted(set(used) - modules):
            yield f"{os.path.relpath(used[module], top)}: import {module}, which Package.swift does not list for {name}"
    above = set()
    for name in page:
        for arrow in sorted(page[name] & set(page) - above):
            yield f"CONTRIBUTING.md: {name} imports {arrow}, and is not listed below it"
        above.add(name)


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    found = list(faults(sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)
