"""The cases of the matrix: the changes of a valid datagram. Its CRC32 is right afterwards."""
import itertools
import random

import wire
from wire import ABORT, ANNOUNCE, CLOSE, COMPLETE, DATA, END, FIELDS, HEADER, JOIN, LIST_FIELDS, NACK, NOTICE, PARITY, REPORT


# The largest values that the page allows (Specs §4). The last good value and the first bad one are tried too.
LIMITS = {"manifest_size": [1 << 28], "files": [12_782_640], "chunk_size": [65_475], "block": [200], "total": [1 << 32],
          "file_chunks": [1 << 32], "text_size": [64, 200], "symbol": [254]}


def values(name, size, near):
    """Extremes of a field of `size` bytes, and the neighbours of numbers with a meaning in the set or in the page."""
    top = (1 << 8 * size) - 1
    near = [*near, *LIMITS.get(name, [])]
    extremes = [0, 1, top, top - 1, top >> 1, (top >> 1) + 1] + [v for n in near for v in (n - 1, n, n + 1)]
    return list(dict.fromkeys(value for value in extremes if 0 <= value <= top))


def extremes(size, near):
    top = (1 << 8 * size) - 1
    return list(dict.fromkeys([0, top, near[-1] % (top + 1)]))


def places(kind):
    """(name, first byte, size) of each field, those of the list's first entry included."""
    first = wire.FIXED_SIZE[kind]
    listed = [("entry." + name, first + offset, size) for name, offset, size in LIST_FIELDS.get(kind, [])]
    return HEADER + FIELDS[kind] + listed


def limits(place):
    """The largest that the field holds, and that the page allows."""
    name, _, size = place
    return [(1 << 8 * size) - 1, *LIMITS.get(name, [1 << 8 * size - 2])]


class Case:
    """Other values in some fields, or another length."""

    def __init__(self, changes=(), size=None):
        self.changes, self.size = changes, size

    def __str__(self):
        if self.size is not None:
            return f"{self.size} bytes"
        return " ".join(f"{name}={value:#x}" for (name, _, _), value in self.changes)

    def apply(self, base):
        out = bytearray(base)
        for (_, offset, size), value in self.changes:
            if offset + size <= len(out):
                out[offset:offset + size] = value.to_bytes(size, "big")
        if self.size is not None:
            out = out[:self.size] + bytes(max(0, self.size - len(out)))
        return wire.sign(out)


def cases(kind, near, pair_count, seed, header=True, few=False):
    """Each field with each value, other lengths, and seeded pairs of fields. `few`: three values of each field."""
    fields = FIELDS[kind] + places(kind)[len(HEADER) + len(FIELDS[kind]):]
    singles = [Case([(place, value)]) for place in (HEADER if header else []) + fields
               for value in (extremes(place[2], near) if few else values(place[0], place[2], near))]
    size = wire.FIXED_SIZE[kind]
    sizes = (0, 1, 19, 20, size - 1, size, size + 1, size + 7, size + 8, 1472, 65507) if header else ()
    generator, pairs = random.Random(f"{seed} {kind}"), []
    while len(pairs) < pair_count and len(fields) > 1:
        pairs.append(Case([(place, generator.choice(values(place[0], place[2], near))) for place in generator.sample(fields, 2)]))
    # The numbers of a set in an announce depend on each other, so each pair of their limits is tried.
    if kind == ANNOUNCE:
        shape = [place for place in fields if place[0] in ("file_bytes", "file_chunks", "manifest_size", "files", "chunk_size")]
        for one, other in itertools.combinations(shape, 2):
            pairs += [Case([(one, first), (other, second)]) for first in limits(one) for second in limits(other)]
    return singles + [Case(size=size) for size in sizes] + pairs


def bases(file_set):
    """{name: (session, packet number, receiver id, what it has seen) → a valid datagram}: one for each type and form."""
    total = file_set.total
    chunk = max(0, total - 4)  # one that has not been sent while a session is in its middle
    files = len(file_set.files)

    def base(kind, tail=b"", flags=0, **fields):
        def make(session, packet, receiver, **seen):
            known = {name for name, _, _ in FIELDS[kind]}
            own = dict(receiver=receiver, highest=0, datagrams=1, clock=1, echo=1, hold=1, timestamp=1, grtt=100)
            own.update(seen)
            fill = tail(packet, receiver) if callable(tail) else tail
            return wire.build(kind, session, packet, fill, flags,
                              **{**{name: value for name, value in own.items() if name in known}, **fields})
        make.kind = kind
        return make

    return {
        "announce": base(ANNOUNCE, group_size=1, **file_set.announce_fields()),
        "join": base(JOIN, b"x", buffer=1 << 20, largest=1472, text_size=1),
        "data": base(DATA, file_set.chunk(chunk), chunk=chunk),
        "parity": base(PARITY, bytes(file_set.chunk_size), chunk=0, block=2, stride=1),
        "nack": base(NACK, wire.pack_list(NACK, [(1, 2)]), count=1),
        "nack-bitmap": base(NACK, b"\0\1\xf0", wire.ALTERNATE),
        "notice": base(NOTICE, lambda packet, _: wire.pack_list(NOTICE, [(1, 2, packet + 1)]), count=1),
        "notice-parity": base(NOTICE, lambda packet, _: wire.pack_list(NOTICE, [(1, 2, packet + 1)]), wire.ALTERNATE,
                              count=1),
        "report": base(REPORT, payload_bytes=100, held=1),
        "end": base(END, round=1, total=total),
        "complete-whole": base(COMPLETE, verified=files),
        "complete-partial": base(COMPLETE, verified=files - 1, failed=1, status=1),
        "close": base(CLOSE, lambda _, receiver: wire.pack_list(CLOSE, [(receiver,)]), count=1),
        "abort": base(ABORT, reason=1),
    }
