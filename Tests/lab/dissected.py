#!/usr/bin/env python3
"""Compares the fields that tshark shows with the dissector with known values.

dissected.py crafted LINES-OF-JSON FIELDS-OF-TSHARK    (of craft.py; `tshark -T json` of the same capture)
dissected.py field JSON-REPORT KEY                     a number of a report of gallery, which may stand in a list
"""
import json
import sys

EXPERTS = {"gallery.repair", "gallery.duplicate", "gallery.resent", "gallery.checksum.bad", "gallery.asks", "gallery.aborted",
           "gallery.incomplete", "gallery.version.unknown", "gallery.type.unknown", "gallery.malformed"}


def collect(node, found):
    """Every field with all its values, out of tshark's nested objects (read as lists of pairs: names occur twice)."""
    for key, value in node:
        if isinstance(value, list) and value and isinstance(value[0], tuple):
            found.setdefault(key, [])
            collect(value, found)
        elif isinstance(value, list) and value and isinstance(value[0], list):
            for item in value:
                collect(item, found)
        elif key not in EXPERTS or value == "":
            found.setdefault(key, []).append(value)


def crafted(expected_path, tshark_path):
    expected = [json.loads(line) for line in open(expected_path)]
    frames = json.load(open(tshark_path), object_pairs_hook=lambda pairs: pairs)
    assert len(frames) == len(expected), f"{len(frames)} frames, expected {len(expected)}"
    wrong = []
    for frame, want in zip(frames, expected):
        found = {}
        collect(frame, found)
        for key, value in want["fields"].items():
            if ",".join(str(v) for v in found.get(key, [])) != value:
                wrong.append(f"{want['name']}: {key} is {found.get(key)}, expected {value}")
        if "gallery" not in found and "gallery.magic" not in found:
            wrong.append(f"{want['name']}: not decoded")
        if ("_ws.malformed" in found) != ("gallery.malformed" in want["experts"]):
            wrong.append(f"{want['name']}: malformed for tshark")
        experts = sorted(EXPERTS & set(found))
        if experts != sorted(want["experts"]):
            wrong.append(f"{want['name']}: expert information {experts}, expected {want['experts']}")
    print("\n".join(wrong) or f"{len(expected)} as expected")
    sys.exit(1 if wrong else 0)


def field(path, key):
    report = json.load(open(path))
    report = report[0] if isinstance(report, list) else report
    print(report[key])


if sys.argv[1] == "crafted":
    crafted(*sys.argv[2:])
else:
    field(*sys.argv[2:])
