#!/usr/bin/env python3
"""Writes the test vectors of Specs/chunked-udp.md next to itself.

Written from the specification and from nothing else: Python's struct, zlib's crc32 and xxHash's own library. The Swift
tests read the files; neither side was derived from the other, so an agreement means something.
    usage: python3 Specs/vectors/generate.py
"""
import ctypes, os, struct, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
SESSION, RECEIVER = 0x0123456789ABCDEF, 0x1122334455667788
REPAIR, ALTERNATE, PROVISIONAL, SYMBOLS = 1, 2, 4, 8


class Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def xxh3_128(data):
    library = ctypes.CDLL("libxxhash.so.0")
    library.XXH3_128bits.restype = Hash128
    library.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    value = library.XXH3_128bits(data, len(data))
    return struct.pack(">QQ", value.high, value.low)  # canonical form: big-endian, high half first


class Builder:
    """Collects parts (bytes, comment) in order."""

    def __init__(self):
        self.parts = []

    def add(self, layout, value, comment):
        raw = value if layout is None else struct.pack(">" + layout, value)
        self.parts.append((raw, comment))
        return self

    def bytes(self):
        return b"".join(raw for raw, _ in self.parts)


def write(name, title, fields, parts):
    lines = ["# " + line for line in title.split("\n")]
    lines += ["%s = %s" % pair for pair in fields]
    lines.append("bytes:")
    offset = 0
    for raw, comment in parts:
        for start in range(0, len(raw), 16):
            digits = raw[start:start + 16].hex(" ")
            note = "  # %d %s" % (offset, comment) if start == 0 and comment else ""
            lines.append(digits + note)
        offset += len(raw)
    with open(os.path.join(HERE, name + ".hex"), "w") as file:
        file.write("\n".join(lines) + "\n")


def datagram(name, title, number, type_name, packet, flags, fields, body, payload=None):
    """Signs and writes one datagram; `payload` is given for data and parity only."""
    head = Builder()
    head.add("B", 0x47, "magic 'G'").add("B", 2, "version").add("B", number, "type: " + type_name)
    head.add("B", flags, "flags").add("Q", SESSION, "session id").add("I", packet, "packet number")
    zeroed = head.bytes() + bytes(4)
    if payload is None:
        checksum = zlib.crc32(zeroed, zlib.crc32(body.bytes()))
    else:
        checksum = zlib.crc32(zeroed + body.bytes(), zlib.crc32(payload))
        body.add(None, payload, "payload")
        fields = fields + [("payload", payload.hex()), ("payloadChecksum", "0x%08x" % zlib.crc32(payload))]
    head.add("I", checksum, "CRC32")
    common = [("type", type_name), ("flags", flags), ("sessionID", "0x%016x" % SESSION), ("packetNumber", packet)]
    write(name, title, common + fields, head.parts + body.parts)


def typed(body, fields, name, layout, value, comment, text=None):
    """Adds a field to the bytes and to the key-value lines at once."""
    body.add(layout, value, comment)
    fields.append((name, value if text is None else text))


def echo(body, fields, packet=None):
    typed(body, fields, "receiverID", "Q", RECEIVER, "receiver id", "0x%016x" % RECEIVER)
    if packet is not None:
        typed(body, fields, "highestPacketNumber", "I", packet, "highest packet number seen")
    typed(body, fields, "echoedTimestamp", "I", 4294967290, "echoed timestamp")
    typed(body, fields, "holdMicroseconds", "I", 250, "hold time, us")


# Files: a manifest of three entries.
FILES = [("a.jpg", 4000, 1_700_000_000_123_456_789, 0o644, b"\x01" * 4000), ("b/empty.jpg", 0, -1, 0o600, b""),
         ("b/\u00e9.jpg", 1500, 0, 0o755, b"\x02" * 1500)]


def manifest():
    out, fields = Builder(), [("type", "manifest"), ("entryCount", len(FILES))]
    out.add(None, b"GMF1", "magic").add("I", len(FILES), "entry count")
    for index, (name, size, time, mode, _) in enumerate(FILES):
        raw = name.encode()
        out.add("Q", size, "byte count").add("q", time, "modification time, ns since 1970").add("H", mode, "mode")
        out.add("H", len(raw), "name byte count").add(None, raw, "name")
        fields += [("name%d" % index, name), ("byteCount%d" % index, size), ("modificationNanoseconds%d" % index, time),
                   ("mode%d" % index, mode)]
    fields.append(("setIdentity", xxh3_128(out.bytes()).hex()))
    write("manifest", "Manifest of three files, the second empty; setIdentity is XXH3-128 of these bytes.", fields, out.parts)
    return out.bytes()


def announce(name, title, packet, flags, padding, options, block, parity, manifest_bytes, stride=0, named=()):
    body, fields = Builder(), []
    typed(body, fields, "setIdentity", None, xxh3_128(manifest_bytes), "set identity", xxh3_128(manifest_bytes).hex())
    typed(body, fields, "totalFileByteCount", "Q", 5500, "all files, bytes")
    typed(body, fields, "fileChunkCount", "Q", 5, "chunks of all files: 3 + 0 + 2")
    typed(body, fields, "manifestByteCount", "I", len(manifest_bytes), "manifest, bytes")
    typed(body, fields, "fileCount", "I", 3, "files")
    typed(body, fields, "groupSize", "I", 1000, "group size")
    typed(body, fields, "timestamp", "I", 123456, "timestamp, us")
    typed(body, fields, "chunkByteCount", "H", 1440, "chunk, bytes")
    typed(body, fields, "options", "B", options, "options")
    typed(body, fields, "grttCode", "B", 105, "GRTT code")
    typed(body, fields, "blockChunkCount", "B", block, "k")
    typed(body, fields, "maxParityCount", "B", parity, "most parity symbols per block")
    typed(body, fields, "blockStride", "B", stride, "distance between chunks of a block")
    if named:
        fields.append(("representatives", " ".join("0x%016x" % one for one in named)))
    body.add("B", len(named), "representatives" if named else "zero").add(None, bytes(16), "salt: reserved")
    body.add(None, bytes(8), "key check: reserved")
    for one in named:
        body.add("Q", one, "receiver id")
    if padding:
        body.add(None, bytes(padding), "padding")
    fields.append(("datagramByteCount", 100 + 8 * len(named) + padding))
    datagram(name, title, 1, "announce", packet, flags, fields, body)


def join(name="join", more="", flags=0):
    body, fields = Builder(), []
    typed(body, fields, "receiverID", "Q", RECEIVER, "receiver id", "0x%016x" % RECEIVER)
    typed(body, fields, "echoedTimestamp", "I", 123456, "echoed timestamp of the announce")
    typed(body, fields, "holdMicroseconds", "I", 42, "hold time, us")
    typed(body, fields, "receiveBufferByteCount", "I", 4194304, "receive buffer, bytes")
    typed(body, fields, "largestAnnounceByteCount", "H", 1472, "largest announce received, bytes")
    raw = "h\u00f4te-7".encode()
    body.add("B", len(raw), "host name, bytes")
    typed(body, fields, "hostName", None, raw, "host name", "h\u00f4te-7")
    datagram(name, "Join of a receiver that got an announce of 1,472 bytes%s." % more, 2, "join", 0, flags, fields, body)


def data():
    body, fields = Builder(), []
    typed(body, fields, "chunkIndex", "I", 4294967295, "chunk index")
    typed(body, fields, "timestamp", "I", 2000000, "timestamp, us")
    typed(body, fields, "grttCode", "B", 31, "GRTT code")
    body.add(None, bytes(3), "zero")
    datagram("data", "Data: the last chunk of the sequence space, sent again. The CRC32 of the payload alone is\n"
             "payloadChecksum; the CRC32 of the datagram continues from it over the 32 header bytes.", 3, "data",
             4294967295, REPAIR, fields, body, b"123456789")


def parity():
    body, fields = Builder(), []
    typed(body, fields, "firstChunk", "I", 640, "first chunk of the block")
    typed(body, fields, "timestamp", "I", 2000001, "timestamp, us")
    typed(body, fields, "grttCode", "B", 200, "GRTT code")
    typed(body, fields, "symbolIndex", "B", 54, "symbol index")
    typed(body, fields, "blockChunkCount", "B", 200, "k")
    typed(body, fields, "blockStride", "B", 7, "distance between chunks of the block")
    datagram("parity", "Parity: the last symbol that a block of 200 chunks can have.", 4, "parity", 900, REPAIR, fields,
             body, bytes(range(16)))


def nacks():
    body, fields = Builder(), []
    echo(body, fields, 77)
    ranges = [(0, 1), (5, 3), (4294967294, 2)]
    body.add("H", len(ranges), "ranges")
    for first, count in ranges:
        body.add("I", first, "first chunk").add("I", count, "count")
    fields.append(("ranges", " ".join("%d+%d" % pair for pair in ranges)))
    datagram("nack-ranges", "NACK, range form; the last range ends where the sequence space does.", 5, "nack", 3, 0,
             fields, body)
    body, fields = Builder(), []
    echo(body, fields, 78)
    typed(body, fields, "base", "I", 1000, "base chunk")
    bits = bytes([0b10000000, 0b00000111, 0b11000000, 0b00000001])
    typed(body, fields, "bits", None, bits, "bitmap", bits.hex())
    fields.append(("missing", "1000+1 1013+5 1031+1"))
    datagram("nack-bitmap", "NACK, bitmap form: bit 7 of the first byte is the base. Symbols do as well.", 5, "nack", 4,
             ALTERNATE | SYMBOLS, fields, body)


def notice(name, title, packet, flags, entries):
    body, fields = Builder(), []
    typed(body, fields, "timestamp", "I", 3000000, "timestamp, us")
    typed(body, fields, "grttCode", "B", 105, "GRTT code")
    body.add("B", 0, "zero").add("H", len(entries), "entries")
    for first, count, number in entries:
        body.add("I", first, "first chunk").add("I", count, "count").add("I", number, "first packet number")
    fields.append(("entries", " ".join("%d+%d@%d" % entry for entry in entries)))
    datagram(name, title, 6, "repairNotice", packet, flags, fields, body)


def report(vector="report", more="", flags=0):
    body, fields = Builder(), []
    echo(body, fields, 100000)
    for name, layout, value, comment in [
            ("receiverClockMicroseconds", "I", 3141592653, "receiver's clock, us"),
            ("socketDropCount", "I", 12, "socket drops"), ("receivedDatagramCount", "Q", 99000, "datagrams received"),
            ("receivedByteCount", "Q", 145728000, "their UDP payload, bytes"),
            ("heldChunkCount", "Q", 98000, "chunks held"), ("duplicateCount", "Q", 1000, "duplicates"),
            ("congestionMarkCount", "I", 33, "datagrams marked CE"),
            ("missingKibibytes", "I", 2048, "missing space, KiB")]:
        typed(body, fields, name, layout, value, comment)
    datagram(vector, "Report%s." % more, 7, "report", 5, flags, fields, body)


def end():
    body, fields = Builder(), []
    typed(body, fields, "round", "I", 2, "round")
    typed(body, fields, "timestamp", "I", 4000000, "timestamp, us")
    typed(body, fields, "totalChunkCount", "Q", 4294967296, "total chunks")
    typed(body, fields, "grttCode", "B", 255, "GRTT code")
    body.add(None, bytes(3), "zero")
    datagram("end", "End of the largest possible set, third round.", 8, "end", 1234, 0, fields, body)


def complete():
    body, fields = Builder(), []
    echo(body, fields)
    typed(body, fields, "verifiedFileCount", "I", 2, "files verified")
    typed(body, fields, "failedFileCount", "I", 1, "files failed")
    typed(body, fields, "status", "B", 1, "status: some files failed verification")
    raw = b"b/e.jpg"
    body.add("B", len(raw), "text, bytes")
    typed(body, fields, "text", None, raw, "text", raw.decode())
    datagram("complete", "Complete: one of three files failed verification.", 9, "complete", 6, 0, fields, body)


def close_and_abort():
    body, ids = Builder(), [RECEIVER, 1, 0xFFFFFFFFFFFFFFFF]
    fields = []
    body.add("H", len(ids), "receivers").add("H", 0, "zero")
    typed(body, fields, "inducedDropCount", "I", 4294967295, "datagrams dropped on purpose")
    for value in ids:
        body.add("Q", value, "receiver id")
    datagram("close", "Close: the sender has the completes of three receivers.", 10, "close", 1235, 0,
             fields + [("receiverIDs", " ".join("0x%016x" % value for value in ids))], body)
    body, fields = Builder(), []
    typed(body, fields, "receiverID", "Q", 0, "receiver id: all")
    typed(body, fields, "reason", "B", 3, "reason: file changed while sent")
    raw = b"a.jpg changed while it was sent"
    body.add("B", len(raw), "text, bytes")
    typed(body, fields, "text", None, raw, "text", raw.decode())
    datagram("abort", "Abort from the sender to all.", 11, "abort", 1236, 0, fields, body)


def identities():
    """XXH3 computes up to 16, 128, 240 bytes and more each in another way."""
    row = bytes((31 * i + 7) % 256 for i in range(5000))
    fields = [("type", "identities")] + [("identity%d" % n, xxh3_128(row[:n]).hex()) for n in (8, 200, 300, 5000)]
    write("identities", "Set identities of the first 8, 200, 300 and 5,000 bytes of a row whose byte i is (31 i + 7) mod 256.\n"
          "The row's first bytes:", fields, [(row[:32], "")])


def layout():
    """Chunks of 16 bytes: a digest that straddles two, one that fills up its chunk, one that has a chunk to itself."""
    sizes, chunk = [13, 0, 16, 12, 1], 16
    contents = [bytes((64 * i + j) % 256 for j in range(size)) for i, size in enumerate(sizes)]
    head = Builder().add(None, b"GMF1", "").add("I", len(sizes), "")
    for index, size in enumerate(sizes):
        head.add("Q", size, "").add("q", 1_000_000_000 * (index + 1), "").add("H", 0o644, "").add("H", 1, "")
        head.add(None, b"abcde"[index:index + 1], "")
    rows = [("manifest", head.bytes())]
    for index, content in enumerate(contents):
        digest = struct.pack("<I", zlib.crc32(content)) if content else b""
        rows.append(("file %d" % index, content + digest))
        assert not content or zlib.crc32(content + digest) == 0x2144DF1C
    parts = []
    for name, row in rows:
        parts += [(row[at:at + chunk], "chunk of " + name) for at in range(0, len(row), chunk)]
    write("layout", "All chunks of a set of files a...e, 13, 0, 16, 12 and 1 bytes, in chunks of 16. Byte j of file i is (64 i + j)\n"
          "mod 256, its modification time i + 1 s, its mode 644. The CRC32 over the chunks of any file is 2144df1c.",
          [("type", "layout"), ("chunkByteCount", chunk), ("fileByteCounts", " ".join(map(str, sizes))),
           ("setIdentity", xxh3_128(rows[0][1]).hex()), ("payloadByteCounts", " ".join(str(len(raw)) for raw, _ in parts))],
          parts)


def block_chunks(total, k, stride):
    """The chunks of each block, from the definition of chapter 2.1."""
    blocks = []
    for start in range(0, total, k * stride):
        end = min(start + k * stride, total)
        step = stride if end - start == k * stride else -(-(end - start) // k)
        blocks += [range(start + j, end, step) for j in range(step)]
    return blocks


def blocks():
    for total, k, stride in [(29, 4, 3), (12, 4, 3), (13, 4, 3), (1, 200, 255), (700, 64, 16), (1 << 16, 200, 255)]:
        cut = block_chunks(total, k, stride)
        assert len(cut) == -(-total // k) and sorted(c for block in cut for c in block) == list(range(total))
    fields = [("type", "blocks")]
    for total, k, stride in [(29, 4, 3), (13, 4, 3), (700, 64, 16)]:
        cut = block_chunks(total, k, stride)
        fields.append(("blocks%d/%d/%d" % (total, k, stride), " ".join(
            "%d+%d@%d" % (block[0], len(block), block.step) for block in cut)))
    write("blocks", "Blocks of some sets, total/k/stride: first chunk + chunks @ distance, in the order of the blocks' numbers.",
          fields, [])


def multiply(a, b):
    """In GF(2^8) with the polynomial 0x11d."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product


def symbols():
    sizes, chunk, indices = [16, 16, 16, 16, 3], 16, [0, 1, 31, 249]
    chunks = [bytes((37 * i + 11 * j + 1) % 256 for j in range(size)) for i, size in enumerate(sizes)]
    inverse = {a: b for a in range(1, 256) for b in range(1, 256) if multiply(a, b) == 1}
    parts = [(raw, "chunk %d" % i) for i, raw in enumerate(chunks)]
    for index in indices:
        symbol = bytearray(chunk)
        for row, raw in enumerate(chunks):
            for at, byte in enumerate(raw):
                symbol[at] ^= multiply(byte, inverse[(len(chunks) + index) ^ row])
        parts.append((bytes(symbol), "symbol %d" % index))
    write("symbols", "A block of five chunks of at most 16 bytes, and four of its symbols. Byte j of chunk i is\n"
          "(37 i + 11 j + 1) mod 256.",
          [("type", "symbols"), ("chunkByteCount", chunk), ("payloadByteCounts", " ".join(map(str, sizes))),
           ("symbolIndices", " ".join(map(str, indices)))], parts)


def signed(kind, body, flags=0, magic=0x47, version=2, wrong=0):
    """A datagram with its CRC32, or with one that differs from it in the bits of `wrong`."""
    head = struct.pack(">BBBBQI", magic, version, kind, flags, SESSION, 1)
    split = 12 if kind in (3, 4) else 0
    checksum = zlib.crc32(head + bytes(4) + body[:split], zlib.crc32(body[split:])) ^ wrong
    return head + struct.pack(">I", checksum) + body


def refused():
    """One datagram for each counter of chapter 7, each without another fault."""
    end = struct.pack(">IIQB3x", 0, 0, 7, 0)
    nack = struct.pack(">QIII", RECEIVER, 0, 0, 0)
    cases = [
        ("truncated", "an end that lacks its last byte", signed(8, end[:-1])),
        ("bad_magic", "the first byte of a JPEG", signed(8, end, magic=0xFF)),
        ("unknown_version", "version 1", signed(8, end, version=1)),
        ("unknown_message_type", "type 14", signed(14, end)),
        ("unexpected_message_type", "data, to a sender", signed(3, struct.pack(">IIB3x", 0, 0, 0) + b"x")),
        ("checksum_mismatch", "a bit of the CRC32 is wrong", signed(8, end, wrong=1)),
        ("trailing_bytes", "an end with a byte behind it", signed(8, end + b"\0")),
        ("empty_range", "a NACK that names no range", signed(5, nack + struct.pack(">H", 0))),
        ("unordered_range", "a NACK whose ranges overlap", signed(5, nack + struct.pack(">HIIII", 2, 5, 3, 7, 1))),
        ("beyond_sequence_space", "a NACK of chunks up to 2^32", signed(5, nack + struct.pack(">HII", 1, 4294967295, 2))),
        ("field_out_of_range", "an announce of 12,782,641 files",
         signed(1, bytes(16) + struct.pack(">QQIIIIHBBBBBx", 0, 0, 1 << 28, 12_782_641, 1, 0, 1440, 0, 0, 0, 0, 0)
                + bytes(24))),
        ("invalid_text", "a join whose host name is not UTF-8",
         signed(2, struct.pack(">QIIIHB", RECEIVER, 0, 0, 0, 1472, 1) + b"\xff")),
    ]
    for error, title, raw in cases:
        write("refused-" + error.replace("_", "-"), "Refused: %s." % title,
              [("error", error), ("reader", "sender" if error.startswith("unexpected") else "any")], [(raw, "")])


manifest_bytes = manifest()
announce("announce", "Announce of the set in manifest.hex to a group.", 0, 0, 0, 0x05, 64, 32, manifest_bytes,
         stride=3)
announce("announce-provisional", "Announce padded to 120 bytes to probe the path; one-way, no parity.", 1, PROVISIONAL, 20,
         0x02, 0, 0, manifest_bytes)
announce("announce-representatives", "Announce to a large group; two of its receivers report often.", 2, 0, 0, 0x05, 200, 55,
         manifest_bytes, stride=16, named=(RECEIVER, 0xFFFFFFFFFFFFFFFF))
join()
join("join-counts-marks", ", and that counts marks", 0x20)
data()
parity()
nacks()
notice("repair-notice", "Repair notice: four chunks by packets 200..<203 and 203.", 199, 0, [(5, 3, 200), (0, 1, 203)])
notice("repair-notice-parity", "Repair notice, parity form: symbols of two blocks; packet numbers wrap.", 210, ALTERNATE,
       [(64, 2, 4294967295), (128, 4, 1)])
report()
report("report-counts-marks", " of a receiver that counts marks", 0x20)
end()
complete()
close_and_abort()
identities()
layout()
blocks()
symbols()
refused()
