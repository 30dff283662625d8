#!/usr/bin/env python3
"""Compares reports (`--json`) and drop traces (`--drop-trace`) of real runs with each other.

accounted.py balance REPORT…               every equation adds up, added here once more
accounted.py pair SENDER RECEIVER          what one side handed to its socket arrived at the other's (a network without loss)
accounted.py same TRACE REPORT TRACE REPORT incoming|outgoing   two runs: the same fate for each packet number that both sent
accounted.py corrupt TRACE REPORT          each datagram damaged on its way in was counted as corrupt, and nothing else was
accounted.py lines TRACE [FIELD=VALUE…]    how many lines have these values (fate: one of its words)
accounted.py term REPORT LEFT TERM         a count of the equation that begins with LEFT
"""
import csv
import json
import sys


def equations(path):
    report = json.load(open(path))
    report = report[0] if isinstance(report, list) else report
    found = [part["accounting"] for part in [report] + report.get("receivers", []) if part.get("accounting")]
    assert found, f"{path} has no account"
    return [equation for account in found for equation in account["equations"]]


def total(side):
    return sum(term["count"] for term in side)


def balance(*paths):
    count = 0
    for path in paths:
        for equation in equations(path):
            here, there = total(equation["left"]), total(equation["right"])
            assert equation["balances"] == (here == there), f"{path}: {equation} says the wrong thing of itself"
            assert here == there, f"{path}: {equation}"
            count += 1
    print(f"{count} equations balance")


def term(path, left, name):
    for equation in equations(path):
        for each in equation["left"] + equation["right"]:
            if equation["left"][0]["name"] == left and each["name"] == name:
                return each["count"]
    sys.exit(f"{path}: no equation of {left} with {name}")


def pair(sender, receiver):
    # After the receiver's last message only a repeated close may still be sent to it.
    handed, arrived = term(sender, "sent", "handed to the socket"), term(receiver, "arrived at the socket", "arrived at the socket")
    assert 0 <= handed - arrived <= 2, f"{handed} handed to the socket, {arrived} arrived"
    back, here = term(receiver, "sent", "handed to the socket"), term(sender, "arrived at the socket", "arrived at the socket")
    assert 0 <= back - here <= 2, f"{back} handed to the receiver's socket, {here} arrived at the sender"
    print(f"{handed} handed, {arrived} arrived; {back} back, {here} arrived")


def lines(path):
    return list(csv.DictReader(open(path)))


def same(first_trace, first_report, second_trace, second_report):
    sent = [json.load(open(path))["datagramsSent"] for path in (first_report, second_report)]
    fates = []
    for path in (first_trace, second_trace):
        fates.append({int(line["packet_number"]): line["fate"] for line in lines(path)
                      if line["direction"] == sys.argv[6] and int(line["packet_number"]) < min(sent)})
    assert fates[0] == fates[1], {k: (fates[0].get(k), fates[1].get(k)) for k in fates[0].keys() ^ fates[1].keys()}
    print(f"{sent[0]} and {sent[1]} datagrams sent, {len(fates[0])} touched in both, alike")


def corrupt(trace, report):
    damages = ("corrupted", "duplicate_corrupted", "truncated", "duplicate_truncated")
    damaged = sum(word in damages for line in lines(trace) if line["direction"] == "incoming"
                  for word in line["fate"].split("+"))
    counted = term(report, "received", "corrupt")
    assert damaged == counted > 0, f"{damaged} damaged, {counted} counted as corrupt"
    print(f"{damaged} damaged, all counted")


def matching(path, *conditions):
    pairs = [condition.split("=", 1) for condition in conditions]
    return sum(all(value in line[key].split("+") for key, value in pairs) for line in lines(path))


command, arguments = sys.argv[1], sys.argv[2:]
if command == "balance":
    balance(*arguments)
elif command == "pair":
    pair(*arguments)
elif command == "same":
    same(*arguments[:4])
elif command == "corrupt":
    corrupt(*arguments)
elif command == "lines":
    print(matching(*arguments))
elif command == "term":
    print(term(*arguments))
else:
    sys.exit(__doc__)
