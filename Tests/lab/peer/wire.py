"""The chunked protocol's datagrams, manifest and layout, written from Specs/chunked-udp.md and from nothing else.

Each message is a table of fields. `build` and `parse` read the tables, and so does the matrix of extreme values
(matrix.py), so a field that is added here is attacked as well. Python's standard library and xxHash's own.
"""
import bisect
import ctypes
import functools
import math
import struct
import zlib
from types import SimpleNamespace

MAGIC, VERSION = 0x47, 2
ANNOUNCE, JOIN, DATA, PARITY, NACK, NOTICE, REPORT, END, COMPLETE, CLOSE, ABORT = range(1, 12)
NAMES = dict(zip(range(1, 12), "announce join data parity nack notice report end complete close abort".split()))
FROM_SENDER = (ANNOUNCE, DATA, PARITY, NOTICE, END, CLOSE, ABORT)
FROM_RECEIVER = (JOIN, NACK, REPORT, COMPLETE, ABORT)
REPAIR, ALTERNATE, PROVISIONAL, SYMBOLS = 1, 2, 4, 8  # flags
GROUP, ONE_WAY = 1, 2  # options of an announce
HEADER_SIZE, DATA_HEADER_SIZE = 20, 32

# (name, first byte, size in bytes). Bytes without a name are zero.
HEADER = [("magic", 0, 1), ("version", 1, 1), ("kind", 2, 1), ("flags", 3, 1), ("session", 4, 8), ("packet", 12, 4)]
FIELDS = {
    ANNOUNCE: [("identity", 20, 16), ("file_bytes", 36, 8), ("file_chunks", 44, 8), ("manifest_size", 52, 4),
               ("files", 56, 4), ("group_size", 60, 4), ("timestamp", 64, 4), ("chunk_size", 68, 2), ("options", 70, 1),
               ("grtt", 71, 1), ("block", 72, 1), ("max_parity", 73, 1), ("stride", 74, 1), ("named", 75, 1),
               ("salt", 76, 16), ("key_check", 92, 8)],
    JOIN: [("receiver", 20, 8), ("echo", 28, 4), ("hold", 32, 4), ("buffer", 36, 4), ("largest", 40, 2),
           ("text_size", 42, 1)],
    DATA: [("chunk", 20, 4), ("timestamp", 24, 4), ("grtt", 28, 1), ("zero", 29, 3)],
    PARITY: [("chunk", 20, 4), ("timestamp", 24, 4), ("grtt", 28, 1), ("symbol", 29, 1), ("block", 30, 1),
             ("stride", 31, 1)],
    NACK: [("receiver", 20, 8), ("highest", 28, 4), ("echo", 32, 4), ("hold", 36, 4), ("count", 40, 2)],
    NOTICE: [("timestamp", 20, 4), ("grtt", 24, 1), ("zero", 25, 1), ("count", 26, 2)],
    REPORT: [("receiver", 20, 8), ("highest", 28, 4), ("echo", 32, 4), ("hold", 36, 4), ("clock", 40, 4),
             ("drops", 44, 4), ("datagrams", 48, 8), ("payload_bytes", 56, 8), ("held", 64, 8), ("duplicates", 72, 8),
             ("congestion_marks", 80, 4), ("missing_space", 84, 4)],
    END: [("round", 20, 4), ("timestamp", 24, 4), ("total", 28, 8), ("grtt", 36, 1), ("zero", 37, 3)],
    COMPLETE: [("receiver", 20, 8), ("echo", 28, 4), ("hold", 32, 4), ("verified", 36, 4), ("failed", 40, 4),
               ("status", 44, 1), ("text_size", 45, 1)],
    CLOSE: [("count", 20, 2), ("zero", 22, 2), ("induced_drops", 24, 4)],
    ABORT: [("receiver", 20, 8), ("reason", 28, 1), ("text_size", 29, 1)],
}
FIXED_SIZE = {ANNOUNCE: 100, JOIN: 43, DATA: 32, PARITY: 32, NACK: 42, NOTICE: 28, REPORT: 88, END: 40, COMPLETE: 46,
              CLOSE: 28, ABORT: 30}
# One entry of the lists that follow the fixed part.
LIST_FIELDS = {NACK: [("first", 0, 4), ("count", 4, 4)],
               NOTICE: [("first", 0, 4), ("count", 4, 4), ("packet", 8, 4)], CLOSE: [("receiver", 0, 8)]}

class WireError(Exception):
    """Why a datagram was dropped."""


def sign(datagram):
    """Puts the CRC32 into a datagram: body first, then the header with a CRC32 of zero (Specs §3.2)."""
    head = DATA_HEADER_SIZE if len(datagram) > 2 and datagram[2] in (DATA, PARITY) else HEADER_SIZE
    datagram = bytearray(datagram)
    if len(datagram) < HEADER_SIZE:
        return bytes(datagram)
    datagram[16:20] = bytes(4)
    checksum = zlib.crc32(bytes(datagram[:head]), zlib.crc32(bytes(datagram[head:])))
    datagram[16:20] = checksum.to_bytes(4, "big")
    return bytes(datagram)


def build(kind, session, packet, tail=b"", flags=0, **values):
    """A signed datagram. Fields that are not given are zero; `tail` follows the fixed part."""
    datagram = bytearray(FIXED_SIZE[kind]) + tail
    values.update(magic=MAGIC, version=VERSION, kind=kind, flags=flags, session=session, packet=packet & 0xFFFFFFFF)
    for name, offset, size in HEADER + FIELDS[kind]:
        if name in values:
            datagram[offset:offset + size] = (values.pop(name) % (1 << 8 * size)).to_bytes(size, "big")
    if values:
        raise KeyError(f"{NAMES[kind]} has no field {sorted(values)}")
    return sign(datagram)


def build_data(session, packet, chunk, payload, timestamp=0, grtt=0, flags=0):
    """As `build`, but fast: senders call it for each chunk."""
    head = struct.pack("!BBBBQI4xIIB3x", MAGIC, VERSION, DATA, flags, session, packet & 0xFFFFFFFF, chunk,
                       timestamp & 0xFFFFFFFF, grtt)
    checksum = zlib.crc32(head, zlib.crc32(payload))
    return head[:16] + checksum.to_bytes(4, "big") + head[20:] + payload


def pack_list(kind, entries):
    """The list that follows a NACK, a notice or a close: a tuple for each entry."""
    letters = {4: "I", 8: "Q"}
    layout = "!" + "".join(letters[size] for _, _, size in LIST_FIELDS[kind])
    return b"".join(struct.pack(layout, *entry) for entry in entries)


def parse(datagram):
    """The fields of a datagram as attributes; `tail` is the part behind the fixed one. Raises WireError."""
    if len(datagram) < HEADER_SIZE:
        raise WireError("truncated")
    if datagram[0] != MAGIC:
        raise WireError("bad_magic")
    if datagram[1] != VERSION:
        raise WireError("unknown_version")
    kind = datagram[2]
    if kind not in FIELDS:
        raise WireError("unknown_message_type")
    if sign(datagram)[16:20] != datagram[16:20]:
        raise WireError("checksum_mismatch")
    if len(datagram) < FIXED_SIZE[kind]:
        raise WireError("truncated")
    message = SimpleNamespace(tail=datagram[FIXED_SIZE[kind]:], size=len(datagram))
    for name, offset, size in HEADER + FIELDS[kind]:
        setattr(message, name, int.from_bytes(datagram[offset:offset + size], "big"))
    return message


def entries(message):
    """The list of a message as tuples. Raises WireError when the list is shorter than its count."""
    size = sum(field[2] for field in LIST_FIELDS[message.kind])
    if len(message.tail) < message.count * size:
        raise WireError("truncated")
    return [tuple(int.from_bytes(message.tail[i * size + offset:i * size + offset + width], "big")
                  for _, offset, width in LIST_FIELDS[message.kind]) for i in range(message.count)]


def nacked_chunks(message):
    """The ranges that a NACK asks for, of either form, as (first, count)."""
    if not message.flags & ALTERNATE:
        return entries(message)
    # The bitmap's base takes the place of the range count and of the two bytes behind it.
    base = (message.count << 16) | int.from_bytes(message.tail[:2], "big")
    return [(base + 8 * i + bit, 1) for i, byte in enumerate(message.tail[2:]) for bit in range(8) if byte & 128 >> bit]


def decode_grtt(code):
    """A GRTT code's round-trip time in seconds (Specs §3.4)."""
    return (code + 1) * 1e-6 if code < 31 else 1000 / math.exp((255 - code) / 13)


def encode_grtt(seconds):
    """The smallest code whose time is not below the given one."""
    if seconds <= 31e-6:
        return max(0, math.ceil(seconds * 1e6) - 1)
    return min(255, math.ceil(255 - 13 * math.log(1000 / min(seconds, 1000))))


class Hash(ctypes.Structure):
    """XXH128_hash_t."""

    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


@functools.cache
def xxh3_128():
    function = ctypes.CDLL("libxxhash.so.0").XXH3_128bits
    function.restype = Hash
    function.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    return function


def set_identity(manifest):
    """XXH3-128 in its canonical form, 16 bytes."""
    value = xxh3_128()(manifest, len(manifest))
    return struct.pack("!QQ", value.high, value.low)


def build_manifest(files):
    """`files`: (name, byte count) in the order of the names' bytes."""
    out = b"GMF1" + struct.pack("!I", len(files))
    for name, size in files:
        raw = name if isinstance(name, bytes) else name.encode()
        out += struct.pack("!QqHH", size, 1_700_000_000_000_000_000, 0o644, len(raw)) + raw
    return out


def parse_manifest(manifest):
    """[(name, byte count)]. Raises WireError."""
    if manifest[:4] != b"GMF1" or len(manifest) < 8:
        raise WireError("no manifest")
    files, offset = [], 8
    for _ in range(struct.unpack("!I", manifest[4:8])[0]):
        if offset + 20 > len(manifest):
            raise WireError("the manifest is cut off")
        size, _, _, name_size = struct.unpack("!QqHH", manifest[offset:offset + 20])
        files.append((manifest[offset + 20:offset + 20 + name_size].decode(), size))
        offset += 20 + name_size
    return files


def ceil_div(count, size):
    return -(-count // size)


class Layout:
    """Where each chunk of a set belongs: the manifest's chunks, then each file's (its bytes and its CRC32, Specs §2)."""

    def __init__(self, manifest_size, sizes, chunk_size):
        self.chunk_size = chunk_size
        streams = [manifest_size] + [size and size + 4 for size in sizes]
        self.rows, self.total = [], 0  # (first chunk, chunk count, byte count)
        for size in streams:
            self.rows.append((self.total, ceil_div(size, chunk_size), size))
            self.total += ceil_div(size, chunk_size)

    def size_of(self, chunk):
        # The last row that begins here: empty files in front of it have no chunk.
        first, count, size = self.rows[bisect.bisect_right(self.rows, chunk, key=lambda row: row[0]) - 1]
        if chunk >= first + count:
            raise WireError("beyond the set")
        return min(self.chunk_size, size - (chunk - first) * self.chunk_size)


class FileSet:
    """Files that are sent: a dictionary of name → bytes."""

    def __init__(self, files, chunk_size):
        self.names = sorted(files, key=lambda name: name.encode() if isinstance(name, str) else name)
        self.files = files
        self.manifest = build_manifest([(name, len(files[name])) for name in self.names])
        contents = [files[name] for name in self.names]
        self.layout = Layout(len(self.manifest), [len(content) for content in contents], chunk_size)
        streams = [content and content + zlib.crc32(content).to_bytes(4, "little") for content in contents]
        self.places = [(stream, offset) for stream in [self.manifest, *streams] for offset in range(0, len(stream), chunk_size)]
        self.chunk_size, self.total = chunk_size, len(self.places)

    def chunk(self, index):
        stream, offset = self.places[index]
        return stream[offset:offset + self.chunk_size]

    def announce_fields(self):
        """The fields of an announce that state the set."""
        manifest_chunks = ceil_div(len(self.manifest), self.chunk_size)
        return dict(identity=int.from_bytes(set_identity(self.manifest), "big"),
                    file_bytes=sum(map(len, self.files.values())), file_chunks=self.total - manifest_chunks,
                    manifest_size=len(self.manifest), files=len(self.files), chunk_size=self.chunk_size)
