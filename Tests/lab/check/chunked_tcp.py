#!/usr/bin/env python3
"""A minimal receiver and sender of the chunked protocol over TCP, written from Specs/chunked-tcp.md (and §5 of chunked-udp.md).

usage: chunked_tcp.py receive PORT FOLDER | chunked_tcp.py send HOST PORT FOLDER
Exit codes: 0 every file was verified, 3 not, 5 nobody listens.
"""
import os
import random
import socket
import struct
import sys
import time
import zlib

from sender import read_files, set_identity

HELLO, WELCOME, MANIFEST, DATA, DIGEST, END, COMPLETE, ABORT, REPORT, REST, READING = range(1, 12)
# Bytes of a body (§4).
LENGTHS = {HELLO: (5, 512), WELCOME: (5, 512), MANIFEST: (1, 1 << 20), DATA: (13, 12 + (1 << 20)), DIGEST: (8, 8),
           END: (12, 12), COMPLETE: (10, 210), ABORT: (2, 202), REPORT: (16, 16), REST: (1, 513), READING: (0, 0)}
GREETING = struct.pack("!IB3x", 0x474C5259, 2)
PIECE = 1 << 14
SILENCE, PATIENCE, CLOSING = 15, 10, 3  # seconds


class Refused(Exception):
    """The other side breaks the protocol, or says that the session is over. args: the reason for an abort, or nil."""


class Connection:
    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(SILENCE)

    def say(self, kind, body):
        self.socket.sendall(struct.pack("!IB", len(body) + 1, kind) + body)

    def exactly(self, count):
        bytes_ = bytearray()
        while len(bytes_) < count:
            piece = self.socket.recv(count - len(bytes_))
            if not piece:
                raise Refused(10)  # the connection's end
            bytes_ += piece
        return bytes(bytes_)

    def hear(self, *kinds):
        """The next frame, which is of one of these kinds, and its body."""
        length, kind = struct.unpack("!IB", self.exactly(5))
        low, high = LENGTHS.get(kind, (1, 0))
        if not low <= length - 1 <= high:
            raise Refused(7)
        body = self.exactly(length - 1)
        if kind == ABORT:
            raise Refused(None)
        if kind in (HELLO, WELCOME) and body[:4] == GREETING[:4] and body[4] != 2:
            raise Refused(2)
        if kind not in kinds or kind in (HELLO, WELCOME) and body[:4] != GREETING[:4]:
            raise Refused(7)
        return kind, body

    def close(self):
        """§5.3: what is unread must not reset the connection."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
            self.socket.settimeout(CLOSING)
            while self.socket.recv(1 << 16):
                pass
        except OSError:
            pass
        self.socket.close()


def run(connection, session):
    """The exit code of a session."""
    try:
        return session(connection)
    except Refused as error:
        if error.args[0] is not None:
            try:
                connection.say(ABORT, bytes([error.args[0], 0]))
            except OSError:
                pass
        return 3
    except OSError:
        return 3  # a reset, or silence
    finally:
        connection.close()


# The receiver.

def is_safe(name):
    """A relative path that stays in its folder (chunked-udp.md §5)."""
    parts = name.split(b"/")
    return b"\0" not in name and all(0 < len(part) <= 255 and part not in (b".", b"..") for part in parts)


def entries(manifest, file_count, byte_count):
    """The files as (name, byte count)."""
    found, at = [], 8
    if manifest[:4] != b"GMF1" or struct.unpack("!I", manifest[4:8])[0] != file_count:
        raise Refused(7)
    for _ in range(file_count):
        if len(manifest) < at + 20:
            raise Refused(7)
        size, _, _, length = struct.unpack("!QqHH", manifest[at:at + 20])
        name = manifest[at + 20:at + 20 + length]
        at += 20 + length
        if len(name) != length or not is_safe(name) or found and name <= found[-1][0]:
            raise Refused(7)
        found.append((name, size))
    if at != len(manifest) or sum(size for _, size in found) != byte_count:
        raise Refused(7)
    return found


def receive(connection, folder):
    _, hello = connection.hear(HELLO)
    if len(hello) != 48:
        raise Refused(7)
    identity, manifest_bytes, file_count, byte_count = struct.unpack("!16sIIQ", hello[16:])
    connection.say(WELCOME, GREETING + struct.pack("!QB", random.getrandbits(64) | 1, 0))
    manifest = b""
    while len(manifest) < manifest_bytes:
        manifest += connection.hear(MANIFEST)[1]
    if len(manifest) != manifest_bytes or set_identity(manifest) != identity:
        raise Refused(7)
    files = entries(manifest, file_count, byte_count)
    # Nothing is here: all files are lacking, from their first byte on (§4.10).
    connection.say(REST, struct.pack("!BIIQ", 1, 0, file_count, 0) if files else b"\1")
    verified = failed = stored = 0
    for index, (name, size) in enumerate(files):
        content = b""
        while True:
            kind, body = connection.hear(DATA, DIGEST, READING)
            if kind == READING:
                continue
            if struct.unpack("!I", body[:4])[0] != index:
                raise Refused(7)
            if kind == DIGEST:
                break
            if struct.unpack("!Q", body[4:12])[0] != len(content) or len(content) + len(body) - 12 > size:
                raise Refused(7)
            content += body[12:]
        if len(content) != size:
            raise Refused(7)
        if zlib.crc32(content) == struct.unpack("!I", body[4:8])[0]:
            store(os.path.join(os.fsencode(folder), name), content)
            verified, stored = verified + 1, stored + size
        else:
            failed += 1
        connection.say(REPORT, struct.pack("!QII", stored, verified, 0))
    if connection.hear(END)[1] != struct.pack("!IQ", file_count, byte_count):
        raise Refused(7)
    connection.say(COMPLETE, struct.pack("!IIBB", verified, failed, 1 if failed else 0, 0))
    return 3 if failed else 0


def store(path, content):
    """A file appears under its name when it is whole."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    part = os.path.join(os.path.dirname(path), b".part")
    with open(part, "wb") as file:
        file.write(content)
    os.rename(part, path)


# The sender.

def connect(host, port):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection((host, port), timeout=SILENCE)
        except OSError:
            if time.monotonic() > end:
                sys.exit(5)
            time.sleep(0.1)


def send(connection, folder):
    files = read_files(folder)
    manifest = b"GMF1" + struct.pack("!I", len(files))
    for name, content, modified, mode in files:
        manifest += struct.pack("!QqHH", len(content), modified, mode, len(name)) + name
    byte_count = sum(len(content) for _, content, _, _ in files)
    connection.say(HELLO, GREETING + struct.pack("!Q", random.getrandbits(64) | 1) + set_identity(manifest)
                   + struct.pack("!IIQ", len(manifest), len(files), byte_count))
    if len(connection.hear(WELCOME)[1]) < 17:
        raise Refused(7)
    connection.say(MANIFEST, manifest)
    sent = sent_bytes = 0
    for index, start in lacking(connection, files):
        content = files[index][1]
        for offset in range(start, len(content), PIECE):
            connection.say(DATA, struct.pack("!IQ", index, offset) + content[offset:offset + PIECE])
        connection.say(DIGEST, struct.pack("!II", index, zlib.crc32(content)))
        sent, sent_bytes = sent + 1, sent_bytes + len(content) - start
    connection.say(END, struct.pack("!IQ", sent, sent_bytes))
    while True:
        kind, body = connection.hear(REPORT, COMPLETE)
        if kind == REPORT:
            continue
        verified, failed, status = struct.unpack("!IIB", body[:9])
        if verified + failed != len(files) or body[9] != len(body) - 10:
            raise Refused(7)
        return 0 if status == 0 and failed == 0 else 3


def lacking(connection, files):
    """The files that the receiver lacks, and where the bytes of each begin that it lacks (§4.10)."""
    found, end, is_last = [], 0, False
    while not is_last:
        kind, body = connection.hear(REPORT, REST)
        if kind == REPORT:
            continue
        is_last = body[0] == 1
        if body[0] > 1 or len(body) % 16 != 1 or not is_last and len(body) != 513:
            raise Refused(7)
        for at in range(1, len(body), 16):
            file, count, offset = struct.unpack("!IIQ", body[at:at + 16])
            if file < end or count == 0 or file + count > len(files) or offset > len(files[file][1]):
                raise Refused(7)
            found += [(file, offset)] + [(index, 0) for index in range(file + 1, file + count)]
            end = file + count
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["receive"] and len(sys.argv) == 4:
        with socket.create_server(("", int(sys.argv[2]))) as listener:
            accepted = Connection(listener.accept()[0])
        sys.exit(run(accepted, lambda connection: receive(connection, sys.argv[3])))
    elif sys.argv[1:2] == ["send"] and len(sys.argv) == 5:
        opened = Connection(connect(sys.argv[2], int(sys.argv[3])))
        sys.exit(run(opened, lambda connection: send(connection, sys.argv[4])))
    else:
        sys.exit(__doc__)
