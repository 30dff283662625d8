#!/usr/bin/env python3
"""A minimal receiver of the chunked protocol, written from Specs/chunked-udp.md alone: what §6.11 requires, for unicast.

usage: receiver.py PORT FOLDER
It finds losses when an end arrives, and asks again on a timer. Exit codes: 0 every file was verified, 3 not.
"""
import os
import random
import select
import socket
import struct
import sys
import time
import zlib

ANNOUNCE, JOIN, DATA, NACK, REPORT, END, COMPLETE, CLOSE, ABORT = 1, 2, 3, 5, 7, 8, 9, 10, 11
CARRIES_PAYLOAD = (3, 4)  # data and parity
NACK_AGAIN, REPORT_AGAIN, COMPLETE_AGAIN = 0.05, 0.05, 0.03  # seconds
SILENCE = 15  # seconds without any datagram
GIVE_UP = 3  # seconds of completing


def checksum(datagram):
    """The CRC32 of a datagram: body first, then the header with zeros in place of the field (§3.2)."""
    head = 32 if datagram[2] in CARRIES_PAYLOAD else 20
    header = datagram[:16] + bytes(4) + datagram[20:head]
    return zlib.crc32(header, zlib.crc32(datagram[head:]))


def is_good(datagram):
    """The checks of §7, up to the checksum."""
    return (len(datagram) >= 20 and datagram[0] == 0x47 and datagram[1] == 2 and 1 <= datagram[2] <= 11
            and (datagram[2] not in CARRIES_PAYLOAD or len(datagram) >= 33)
            and int.from_bytes(datagram[16:20], "big") == checksum(datagram))


def is_safe(name):
    """A relative path that stays in its folder (§5)."""
    parts = name.split(b"/")
    return b"\0" not in name and all(0 < len(part) <= 255 and part not in (b".", b"..") for part in parts)


class Refused(Exception):
    """The manifest breaks §5."""


class Receiver:
    def __init__(self, port, folder):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("", port))
        self.folder = folder
        self.id = random.getrandbits(64) | 1
        self.session = None  # its id, as bytes
        self.begun = False  # a chunk has come
        self.packet = 0
        self.sessions = {}  # announced ones: id → (sender, announce)
        self.chunks, self.seen = {}, set()
        self.files = None  # name → (first chunk, number of chunks, byte count); nil before the manifest is here
        self.largest = self.highest = self.byte_count = self.duplicates = self.echo = 0
        self.echo_time = time.monotonic()
        self.is_tail_sent = False
        self.nack_at = self.report_at = self.complete_at = self.give_up_at = None
        self.verified = self.failed = 0
        self.code = None  # of the exit

    # What it sends.

    def send(self, kind, body):
        head = bytes([0x47, 2, kind, 0]) + self.session + struct.pack("!I", self.packet & 0xFFFFFFFF)
        datagram = head + bytes(4) + body
        self.packet += 1
        self.socket.sendto(head + struct.pack("!I", checksum(datagram)) + body, self.sender)

    def held(self):
        return min(0xFFFFFFFF, int((time.monotonic() - self.echo_time) * 1e6))

    def join(self):
        self.send(JOIN, struct.pack("!QIIIHB", self.id, self.echo, self.held(), 200_000, self.largest, 0))

    def report(self):
        self.report_at = None
        self.send(REPORT, struct.pack("!QIIIIIQQQQII", self.id, self.highest, self.echo, self.held(),
                                      int(self.echo_time * 1e6) & 0xFFFFFFFF, 0, len(self.seen), self.byte_count,
                                      len(self.chunks), self.duplicates, 0, 0))

    def nack(self):
        ranges = []
        for chunk in range(self.total):
            if chunk in self.chunks:
                continue
            if ranges and sum(ranges[-1]) == chunk:
                ranges[-1][1] += 1
            elif len(ranges) < 100:
                ranges.append([chunk, 1])
        self.nack_at = time.monotonic() + NACK_AGAIN
        if ranges:
            self.send(NACK, struct.pack("!QIIIH", self.id, self.highest, self.echo, self.held(), len(ranges))
                      + b"".join(struct.pack("!II", *entry) for entry in ranges))

    def complete(self):
        self.complete_at = time.monotonic() + COMPLETE_AGAIN
        self.send(COMPLETE, struct.pack("!QIIIIBB", self.id, self.echo, self.held(), self.verified, self.failed,
                                        1 if self.failed else 0, 0))

    # What it hears.

    def handle(self, datagram, source):
        if not is_good(datagram):
            return
        kind, session = datagram[2], datagram[4:12]
        if kind == ANNOUNCE:
            return self.handle_announce(datagram, session, source)
        if self.begun and session != self.session or session not in self.sessions:
            return
        if not self.begun:
            if kind not in (DATA, END):
                return
            self.begin(session)
        if kind == DATA:
            self.handle_data(datagram)
        elif kind == END and len(datagram) == 40 and self.note(datagram, 24):
            self.handle_end(int.from_bytes(datagram[28:36], "big"))
        elif kind == CLOSE and len(datagram) >= 36 and self.note(datagram, None):
            ids = struct.unpack(f"!{(len(datagram) - 28) // 8}Q", datagram[28:28 + (len(datagram) - 28) // 8 * 8])
            if self.id in ids and self.complete_at:
                self.code = 3 if self.failed else 0
        elif kind == ABORT and len(datagram) >= 30 and int.from_bytes(datagram[20:28], "big") in (0, self.id):
            self.code = 0 if self.complete_at and not self.failed else 3

    def handle_announce(self, datagram, session, source):
        if len(datagram) < 100 or datagram[70] & 0x0B or self.begun and session != self.session:
            return
        if len(self.sessions) < 64 or session in self.sessions:
            self.sessions[session] = (source, datagram[:100])
        self.session, self.sender = session, source
        self.largest = max(self.largest, len(datagram))
        if self.begun:
            self.note(datagram, 64)
        else:
            self.echo, self.echo_time = int.from_bytes(datagram[64:68], "big"), time.monotonic()
        self.join()

    def begin(self, session):
        self.begun, self.session = True, session
        self.sender, announce = self.sessions[session]
        file_chunks, self.manifest_size, self.file_count = struct.unpack("!QII", announce[44:60])
        self.size = int.from_bytes(announce[68:70], "big")
        self.manifest_chunks = -(-self.manifest_size // self.size)
        self.total = self.manifest_chunks + file_chunks

    def note(self, datagram, timestamp_offset):
        """Counts a datagram for reports. False when its packet number was here."""
        packet = int.from_bytes(datagram[12:16], "big")
        if packet in self.seen:
            self.duplicates += 1
            return False
        self.seen.add(packet)
        self.byte_count += len(datagram)
        if timestamp_offset and packet >= self.highest:
            self.highest = packet
            self.echo = int.from_bytes(datagram[timestamp_offset:timestamp_offset + 4], "big")
            self.echo_time = time.monotonic()
        self.report_at = self.report_at or time.monotonic() + REPORT_AGAIN
        return True

    def handle_data(self, datagram):
        chunk, payload = int.from_bytes(datagram[20:24], "big"), datagram[32:]
        if chunk >= self.total or not self.fits(chunk, payload) or not self.note(datagram, 24):
            return
        if chunk in self.chunks:
            self.duplicates += 1
            return
        self.chunks[chunk] = payload
        if self.files is None and all(index in self.chunks for index in range(self.manifest_chunks)):
            self.read_manifest()
        if len(self.chunks) == self.total:
            self.finish()

    def fits(self, chunk, payload):
        """Whether the payload has the length that the layout gives its chunk (§2)."""
        if chunk < self.manifest_chunks:
            return len(payload) == min(self.size, self.manifest_size - chunk * self.size)
        if self.files is None:
            return 0 < len(payload) <= self.size
        for first, count, byte_count in self.files.values():
            if first <= chunk < first + count:
                return len(payload) == min(self.size, byte_count + 4 - (chunk - first) * self.size)
        return False

    def read_manifest(self):
        manifest = b"".join(self.chunks[index] for index in range(self.manifest_chunks))
        files, position, chunk, previous = {}, 8, self.manifest_chunks, b""
        if manifest[:4] != b"GMF1" or int.from_bytes(manifest[4:8], "big") != self.file_count:
            raise Refused("no manifest")
        for _ in range(self.file_count):
            if position + 20 > len(manifest):
                raise Refused("the manifest is too short")
            byte_count, _, _, name_size = struct.unpack("!QqHH", manifest[position:position + 20])
            name = manifest[position + 20:position + 20 + name_size]
            position += 20 + name_size
            if not is_safe(name) or name <= previous:
                raise Refused("a name that must not be")
            count = -(-(byte_count + 4) // self.size) if byte_count else 0
            files[name] = (chunk, count, byte_count)
            chunk, previous = chunk + count, name
        if position != len(manifest) or chunk != self.total:
            raise Refused("sizes that are not the announced ones")
        self.files = files
        for index in [index for index, payload in self.chunks.items() if not self.fits(index, payload)]:
            del self.chunks[index]

    def handle_end(self, total):
        if total != self.total:
            return
        self.is_tail_sent = True
        if self.complete_at:
            self.complete()
        elif self.nack_at is None:
            self.nack()

    def finish(self):
        """Every chunk is here: stores the files whose CRC32 is their digest."""
        for name, (first, count, byte_count) in self.files.items():
            stream = b"".join(self.chunks[first + index] for index in range(count))
            content, digest = stream[:byte_count], stream[byte_count:]
            if byte_count and zlib.crc32(content) != int.from_bytes(digest, "little"):
                self.failed += 1
                continue
            path = os.path.join(os.fsencode(self.folder), name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
            self.verified += 1
        self.nack_at = None
        self.give_up_at = time.monotonic() + GIVE_UP
        self.report()
        self.complete()

    def abort(self, reason):
        text = b"the manifest breaks Specs"
        for _ in range(3):
            self.send(ABORT, struct.pack("!QBB", self.id, reason, len(text)) + text)
        self.code = 3

    # The loop.

    def run(self):
        heard = time.monotonic()
        while self.code is None:
            if select.select([self.socket], [], [], 0.01)[0]:
                datagram, source = self.socket.recvfrom(65_536)
                heard = time.monotonic()
                try:
                    self.handle(datagram, source)
                except Refused as error:
                    print(error)
                    self.abort(7)
            now = time.monotonic()
            if self.report_at and now >= self.report_at and not self.complete_at:
                self.report()
            if self.nack_at and now >= self.nack_at:
                self.nack()
            if self.complete_at and now >= self.complete_at:
                self.complete()
            if self.give_up_at and now >= self.give_up_at:
                self.code = 3 if self.failed else 0
            if self.begun and now - heard > SILENCE:
                self.code = 3
        return self.code


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(Receiver(int(sys.argv[1]), sys.argv[2]).run())
