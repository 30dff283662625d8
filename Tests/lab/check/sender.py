#!/usr/bin/env python3
"""A minimal sender of the chunked protocol, written from Specs/chunked-udp.md alone: what §6.11 requires, for unicast.

usage: sender.py HOST PORT FOLDER
One size of datagram, no repair notices. Exit codes: 0 the receiver has verified every file, 3 not, 5 nobody listens.
"""
import ctypes
import os
import random
import select
import socket
import struct
import sys
import time
import zlib

ANNOUNCE, JOIN, DATA, NACK, REPORT, END, COMPLETE, CLOSE, ABORT = 1, 2, 3, 5, 7, 8, 9, 10, 11
REPAIR, BITMAP = 1, 2  # flags
CHUNK_SIZE = 1_440  # bytes: a packet of 1,500 less the headers of IP, UDP and §3
GRTT = 105  # code of 9.7 ms (§3.4)
TRAIN, PAUSE = 16, 0.001  # datagrams, and the pause behind them: some pacing
WINDOW = 64  # datagrams in flight without a report
ANNOUNCE_AGAIN, END_AGAIN, LINGER = 0.05, 0.02, 0.2  # seconds
PATIENCE, SILENCE = 10, 8  # seconds


def checksum(datagram):
    """The CRC32 of a datagram: body first, then the header with zeros in place of the field (§3.2)."""
    head = 32 if datagram[2] == DATA else 20
    header = datagram[:16] + bytes(4) + datagram[20:head]
    return zlib.crc32(header, zlib.crc32(datagram[head:]))


def is_good(datagram):
    """The checks of §7, up to the checksum, for a receiver's messages."""
    return (len(datagram) >= 20 and datagram[0] == 0x47 and datagram[1] == 2
            and datagram[2] in (JOIN, NACK, REPORT, COMPLETE, ABORT)
            and int.from_bytes(datagram[16:20], "big") == checksum(datagram))


def microseconds():
    return time.monotonic_ns() // 1000 & 0xFFFFFFFF


class Hash(ctypes.Structure):
    """XXH128_hash_t."""

    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def set_identity(manifest):
    """XXH3-128 in canonical form (§4.1)."""
    function = ctypes.CDLL("libxxhash.so.0").XXH3_128bits
    function.restype, function.argtypes = Hash, [ctypes.c_char_p, ctypes.c_size_t]
    found = function(manifest, len(manifest))
    return struct.pack("!QQ", found.high, found.low)


def read_files(folder):
    """The files as (name, bytes, modification time, mode), sorted by the bytes of their names."""
    folder, files = os.fsencode(folder), []
    for path, _, names in os.walk(folder):
        for name in names:
            place = os.path.join(path, name)
            with open(place, "rb") as file:
                status = os.stat(place)
                files.append((os.path.relpath(place, folder), file.read(), status.st_mtime_ns, status.st_mode & 0o777))
    return sorted(files)


class Sender:
    def __init__(self, host, port, folder):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.to = (socket.gethostbyname(host), port)
        self.session = struct.pack("!Q", random.getrandbits(64))
        files = read_files(folder)
        manifest = b"GMF1" + struct.pack("!I", len(files))
        for name, content, modified, mode in files:
            manifest += struct.pack("!QqHH", len(content), modified, mode, len(name)) + name
        self.rows = [manifest] + [content + struct.pack("<I", zlib.crc32(content)) for _, content, _, _ in files if content]
        self.chunks = [row[at:at + CHUNK_SIZE] for row in self.rows for at in range(0, len(row), CHUNK_SIZE)]
        self.shape = (set_identity(manifest) + struct.pack(
            "!QQIII", sum(len(content) for _, content, _, _ in files), len(self.chunks) - -(-len(manifest) // CHUNK_SIZE),
            len(manifest), len(files), 1))
        self.file_count = len(files)
        self.packet = self.next = self.round = 0
        self.receiver, self.highest, self.seen, self.arrived, self.held = None, -1, 0, 0, 0
        self.repairs, self.last_repair = [], {}
        self.code = None  # of the exit
        self.linger_at = None

    def send(self, kind, body, flags=0):
        head = bytes([0x47, 2, kind, flags]) + self.session + struct.pack("!I", self.packet & 0xFFFFFFFF)
        datagram = head + bytes(4) + body
        self.packet += 1
        try:
            self.socket.sendto(head + struct.pack("!I", checksum(datagram)) + body, self.to)
        except (ConnectionRefusedError, BlockingIOError):
            pass

    def announce(self):
        self.send(ANNOUNCE, self.shape + struct.pack("!IHBBBBBB", microseconds(), CHUNK_SIZE, 0, GRTT, 0, 0, 0, 0) + bytes(24))

    def send_chunk(self, chunk, flags=0):
        if flags:
            self.last_repair[chunk] = self.packet
        self.send(DATA, struct.pack("!IIB3x", chunk, microseconds(), GRTT) + self.chunks[chunk], flags)

    def send_end(self):
        self.send(END, struct.pack("!IIQB3x", self.round, microseconds(), len(self.chunks), GRTT))
        self.round += 1

    # What it hears.

    def handle(self, datagram, source):
        if source != self.to or not is_good(datagram) or datagram[4:12] != self.session or len(datagram) < 28:
            return
        kind, receiver = datagram[2], int.from_bytes(datagram[20:28], "big")
        if receiver == 0 or self.receiver not in (None, receiver) or self.receiver is None and kind not in (JOIN, ABORT):
            return
        self.heard = time.monotonic()
        if kind == JOIN and len(datagram) >= 43 and self.receiver is None:
            self.receiver = receiver
        elif kind == NACK:
            self.handle_nack(datagram)
        elif kind == REPORT and len(datagram) == 88:
            highest, (arrived, _, held) = int.from_bytes(datagram[28:32], "big"), struct.unpack("!QQQ", datagram[48:72])
            if highest < self.packet and arrived <= self.packet and held <= len(self.chunks):
                self.highest = max(self.highest, highest)
                self.arrived, self.held = arrived, held
        elif kind == COMPLETE and len(datagram) >= 46:
            self.handle_complete(datagram)
        elif kind == ABORT:
            self.code = 3

    def handle_nack(self, datagram):
        for chunk in self.asked(datagram):
            if chunk < self.next and chunk not in self.repairs and self.last_repair.get(chunk, -1) <= self.nack_highest:
                self.repairs.append(chunk)

    def asked(self, datagram):
        """The chunks that a NACK of either form asks for (§4.5); none when it is malformed."""
        if len(datagram) < 45:
            return []
        self.nack_highest = int.from_bytes(datagram[28:32], "big")
        if self.nack_highest >= self.packet:
            return []
        if datagram[3] & BITMAP:
            base = int.from_bytes(datagram[40:44], "big")
            return [base + 8 * place + bit for place, byte in enumerate(datagram[44:]) for bit in range(8) if byte & 128 >> bit]
        count = int.from_bytes(datagram[40:42], "big")
        if len(datagram) != 42 + 8 * count:
            return []
        ranges = [struct.unpack("!II", datagram[42 + 8 * i:50 + 8 * i]) for i in range(count)]
        return [chunk for first, length in ranges for chunk in range(first, min(first + length, self.next))]

    def handle_complete(self, datagram):
        """Accepts a complete that can be true (§4.9), and answers it by a close."""
        verified, failed, status = struct.unpack("!IIB", datagram[36:45])
        is_plausible = (len(self.chunks) - self.next <= self.held and verified + failed == self.file_count
                        and (status != 0 or failed == 0)
                        and len(self.chunks) - self.held <= self.packet - self.arrived)
        if not is_plausible:
            return
        self.linger_at = time.monotonic() + LINGER
        self.outcome = 0 if status == 0 else 3
        self.send(CLOSE, struct.pack("!H2xIQ", 1, 0, self.receiver))

    # The loop.

    def listen(self, seconds):
        """Handles what arrives within this time."""
        end = time.monotonic() + seconds
        while select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
            try:
                self.handle(*self.socket.recvfrom(65_536))
            except ConnectionRefusedError:
                pass  # nobody listens yet

    def run(self):
        self.heard = time.monotonic()
        while self.receiver is None and self.code is None:
            if time.monotonic() - self.heard > PATIENCE:
                return 5
            self.announce()
            self.listen(ANNOUNCE_AGAIN)
        while self.code is None and self.linger_at is None:
            if time.monotonic() - self.heard > SILENCE:
                return 3
            self.turn()
        while self.code is None and time.monotonic() < self.linger_at:
            self.listen(self.linger_at - time.monotonic())
        return self.outcome if self.code is None else self.code

    def turn(self):
        if self.repairs:
            repairs, self.repairs = self.repairs[:TRAIN], self.repairs[TRAIN:]
            for chunk in repairs:
                self.send_chunk(chunk, REPAIR)
            self.listen(PAUSE)
        elif self.next < len(self.chunks) and self.packet - self.highest <= WINDOW:
            for _ in range(min(TRAIN, len(self.chunks) - self.next)):
                self.send_chunk(self.next)
                self.next += 1
            self.listen(PAUSE)
        elif self.next == len(self.chunks):
            self.send_end()
            self.listen(END_AGAIN)
        else:
            self.highest += 1  # a report was lost: the window opens slowly
            self.listen(PAUSE)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(Sender(sys.argv[1], int(sys.argv[2]), sys.argv[3]).run())
