#!/usr/bin/env python3
"""Checks our codec by Specs/vectors: each datagram there is read, and written again from its fields."""
import os
import re
import sys

import wire

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Specs/vectors")


def read(name):
    with open(os.path.join(FOLDER, name)) as file:
        text = re.sub("#.*", "", file.read())
    return bytes.fromhex(text.split("bytes:")[1])


def main():
    count = 0
    for name in sorted(os.listdir(FOLDER)):
        if not name.endswith(".hex") or name.startswith(("tcp-", "refused-", "layout", "identities")) or read(name)[:1] != b"G" or read(name)[:3] == b"GMF":
            continue
        datagram = read(name)
        message = wire.parse(datagram)
        fields = {field: getattr(message, field) for field, _, _ in wire.FIELDS[message.kind]}
        again = wire.build(message.kind, message.session, message.packet, message.tail, message.flags, **fields)
        if again != datagram or wire.NAMES[message.kind] not in name.replace("repair-", ""):
            sys.exit(f"{name}: {datagram.hex()} became {again.hex()}")
        count += 1
    manifest = read("manifest.hex")
    with open(os.path.join(FOLDER, "manifest.hex")) as file:
        identity = re.search("setIdentity = (.*)", file.read()).group(1)
    if wire.set_identity(manifest).hex() != identity or len(wire.parse_manifest(manifest)) != 3:
        sys.exit("manifest.hex: another identity")
    print(f"{count} datagrams and the manifest are as the vectors say")


main()
