#!/usr/bin/env python3
"""Checks a trace (qlog) against its schema, and compares it with the report of the same run.

traced.py schema SCHEMA QLOG…              every record is framed (RFC 7464) and valid, and time does not run backwards
traced.py sender QLOG REPORT               what the trace counts is what `gallery send --json` counted
traced.py receiver QLOG REPORT             the same for `gallery receive --json`
"""
import collections
import json
import sys


def records(path):
    pieces = open(path, "rb").read().split(b"\x1e")
    assert pieces[0] == b"", f"{path} does not begin with a record separator"
    for number, piece in enumerate(pieces[1:], 1):
        assert piece.endswith(b"\n") and piece.count(b"\n") == 1, f"{path}, record {number}: not one line"
        yield json.loads(piece)


def schema(schema_path, *paths):
    import jsonschema
    rules = json.load(open(schema_path))
    jsonschema.Draft202012Validator.check_schema(rules)
    validator, count = jsonschema.Draft202012Validator(rules), 0
    for path in paths:
        before = 0
        for number, record in enumerate(records(path), 1):
            for error in validator.iter_errors(record):
                sys.exit(f"{path}, record {number}: {record}: {error.message} {[e.message for e in error.context][:4]}")
            assert record.get("time", before) >= before, f"{path}, record {number}: time runs backwards"
            before = record.get("time", before)
            count += 1
    # The schema must be able to fail: each of these is a valid event with one fault.
    good = {"time": 1.0, "name": "gallery:datagram_sent",
            "data": {"type": "data", "packet_number": 1, "raw": {"length": 100}, "chunk": 1}}
    assert validator.is_valid(good)
    for wrong in [{"time": -1}, {"name": "gallery:other"}, {"data": {**good["data"], "chunk": -1}}, {"more": 1},
                  {"data": {k: v for k, v in good["data"].items() if k != "chunk"}}, {"data": {**good["data"], "type": "end"}}]:
        assert not validator.is_valid({**good, **wrong}), f"the schema takes {wrong}"
    print(f"{count} records valid")


def tally(path):
    found = collections.Counter()
    for record in list(records(path))[1:]:
        name, data = record["name"].removeprefix("gallery:"), record["data"]
        found[name] += 1
        if name.startswith("datagram"):
            kind = data["type"] if data["type"] in ("data", "parity") else "control"
            kind = "repair" if kind == "data" and data.get("repair") else kind
            found[f"{name} {kind}"] += 1
            found[f"{name} bytes"] += data["raw"]["length"]
        if name == "datagram_dropped":
            induced = data["cause"] in ("random_loss", "listed", "queue_overflow")
            found[f"{data['direction']} {'induced' if induced else data['cause']}"] += 1
        if name.startswith("nack"):
            found[f"{name} chunks"] += data["chunks"]
        if name == "datagram_received" and data["type"] == "data":
            chunk = ("chunk", data["chunk"])
            found["new" if chunk not in found else "old"] += 1
            found[chunk] = 1
    return found


def signed(text):
    """The terms of a difference: "a - b" is +a, −b."""
    return [(-1 if place else 1, part) for place, part in enumerate(text.split(" - "))]


def compare(path, report_path, expected):
    report = json.load(open(report_path))
    report = report[0] if isinstance(report, list) else report
    found, wrong = tally(path), []
    for key, name in expected:
        keys = key.split(" + ")
        stated = sum(sign * report[part] for sign, part in signed(name))
        if sum(found[k] for k in keys) != stated:
            wrong.append(f"{key}: {[found[k] for k in keys]} in the trace, {name} {stated} in the report")
    print("\n".join(wrong) or f"{len(expected)} counts agree; {found['datagram_dropped']} dropped")
    sys.exit(1 if wrong else 0)


if sys.argv[1] == "schema":
    schema(*sys.argv[2:])
elif sys.argv[1] == "sender":
    compare(*sys.argv[2:], [
        ("datagram_sent", "datagramsSent"), ("datagram_sent data", "firstDatagrams"), ("datagram_sent repair", "repairDatagrams"),
        ("datagram_sent parity", "parityDatagrams"),
        ("datagram_sent control", "controlDatagrams"), ("datagram_sent bytes", "bytesSent"), ("nack_received", "nacksReceived"),
        ("outgoing induced", "inducedDropsOutgoing"), ("incoming induced", "inducedDropsIncoming")])
else:
    compare(*sys.argv[2:], [
        ("new", "chunksHeld - chunksRebuilt"), ("nack_sent", "nacksSent"), ("nack_sent chunks", "chunksAskedFor"),
        (" + ".join("incoming " + cause for cause in ("checksum_mismatch", "bad_magic", "unknown_version", "unknown_message_type", "truncated")), "corruptDatagrams"), ("outgoing induced", "inducedDropsOutgoing"),
        ("incoming induced", "inducedDropsIncoming")])
