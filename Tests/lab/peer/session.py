"""Specs/vectors/session.txt: a recorded session, read, held against our codec, and replayed to a gallery receiver.

usage: session.py check | session.py replay FOLDER
`replay` ends with 0 when a gallery receiver stored the recording's files in FOLDER, each with the CRC32 told there.
"""
import os
import sys
import time
import zlib

import wire
from loop import free_port, open_socket, send
from program import Program

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Specs/vectors/session.txt")


def read():
    """The files as {name: (byte count, CRC32)}, and the datagrams as (microseconds, "sent" or "received", name, bytes)."""
    files, datagrams = {}, []
    with open(PATH) as file:
        lines = [line.split() for line in file if not line.startswith("#")]
    for words in lines:
        if words[0] == "file":
            files[words[2]] = (int(words[3]), int(words[4], 16))
        elif len(words) == 4:
            datagrams.append((int(words[0]), words[1], words[2], bytes.fromhex(words[3])))
    return files, datagrams


def check():
    """Each datagram is written again from its fields; the chunks that arrived are the files, by their own digests."""
    files, datagrams = read()
    chunks, announce = {}, None
    for _, direction, name, datagram in datagrams:
        message = wire.parse(datagram)
        fields = {field: getattr(message, field) for field, _, _ in wire.FIELDS[message.kind]}
        again = wire.build(message.kind, message.session, message.packet, message.tail, message.flags, **fields)
        if again != datagram or wire.NAMES[message.kind] != name:
            sys.exit(f"session.txt: {datagram.hex()} became {again.hex()}")
        if message.kind == wire.ANNOUNCE:
            announce = message
        if message.kind == wire.DATA and direction == "received":
            chunks[message.chunk] = message.tail
    manifest_chunks = wire.ceil_div(announce.manifest_size, announce.chunk_size)
    manifest = b"".join(chunks[index] for index in range(manifest_chunks))
    entries = wire.parse_manifest(manifest)
    layout = wire.Layout(len(manifest), [size for _, size in entries], announce.chunk_size)
    if sorted(chunks) != list(range(layout.total)):
        sys.exit(f"session.txt: chunks {sorted(chunks)} of {layout.total}")
    for (name, size), (first, count, _) in zip(entries, layout.rows[1:]):
        stream = b"".join(chunks[index] for index in range(first, first + count))
        content, digest = stream[:size], stream[size:]
        if files.pop(name) != (size, zlib.crc32(content)) or size and int.from_bytes(digest, "little") != zlib.crc32(content):
            sys.exit(f"session.txt: {name} is another file")
    if files:
        sys.exit(f"session.txt: without {sorted(files)}")
    print(f"{len(datagrams)} datagrams of a session are as the vector says")


def replay(folder):
    files, datagrams = read()
    port = free_port()
    receiver = Program("receive", "--into", folder, "--bind", "127.0.0.1", "--port", port, "--ready-file", folder + ".ready",
                       "--idle-timeout", "3s")
    while not os.path.exists(folder + ".ready"):
        if receiver.code() is not None:
            sys.exit(f"it does not listen: {receiver.text()}")
        time.sleep(0.02)
    s, before = open_socket(), 0
    for microseconds, direction, _, datagram in datagrams:
        time.sleep((microseconds - before) / 1e6)
        before = microseconds
        if direction == "received":
            send(s, datagram, ("127.0.0.1", port))
    code = receiver.wait(60)
    found = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            content = file.read()
        found[name] = (len(content), zlib.crc32(content))
    if code != 0 or found != files:
        sys.exit(f"exit code {code}, {found}\n{receiver.text()}")


if sys.argv[1:] == ["check"]:
    check()
elif len(sys.argv) == 3 and sys.argv[1] == "replay":
    replay(sys.argv[2])
else:
    sys.exit(__doc__)
