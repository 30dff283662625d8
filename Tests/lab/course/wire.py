#!/usr/bin/env python3
"""Prints a naive session as it was on the wire, from a capture (pcap) at the sender: one line for each datagram or
connection, without what differs from run to run (ports, times below a second, the images' order).

    wire.py CAPTURE PORT

Two senders that say the same have the same lines.
"""
import struct
import sys


def packets(path):
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    fraction = 1e9 if data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1e6
    start = 24
    while start + 16 <= len(data):
        seconds, part, kept, _ = struct.unpack(order + "IIII", data[start : start + 16])
        frame = data[start + 16 : start + 16 + kept]
        start += 16 + kept
        if len(frame) >= 34 and frame[12:14] == b"\x08\x00":
            yield seconds + part / fraction, frame[14:]


def address(raw):
    return ".".join(map(str, raw))


def main():
    path, port = sys.argv[1], int(sys.argv[2])
    lines, end, last = [], None, None
    ports, streams = set(), {}
    for at, packet in packets(path):
        header = (packet[0] & 15) * 4
        fragment = struct.unpack(">H", packet[6:8])[0] & 0x1FFF
        if fragment:
            continue  # the first one has the datagram's length in its UDP header
        body = packet[header : struct.unpack(">H", packet[2:4])[0]]
        source, target = struct.unpack(">HH", body[:4])
        if target != port:
            continue
        where = f"to {address(packet[16:20])} ttl {packet[8]}"
        if packet[9] == 17:
            length = struct.unpack(">H", body[4:6])[0] - 8
            ports.add(source)
            if length == 0:
                end = f"end marker {where}, {round(at - last) if last else 0} s behind the last image"
            else:
                lines.append(f"datagram {length} {where}")
                last = at
        elif packet[9] == 6:
            # By sequence numbers: on a busy host TCP sends a segment again, and the capture has it twice.
            sequence, flags = struct.unpack(">I", body[4:8])[0], body[13]
            stream = streams.setdefault(source, {"first": sequence, "end": 0, "fin": False, "where": where})
            length = len(body) - (body[12] >> 4) * 4
            if length:  # other segments may be behind the FIN, which takes a number of its own
                stream["end"] = max(stream["end"], (sequence - stream["first"]) % 2**32 + length)
            stream["fin"] |= bool(flags & 1)
    for stream in streams.values():
        count = max(stream["end"] - 1, 0)  # the SYN, with which the stream begins, takes one number
        lines.append(f"{'connection' if count else 'end marker'} {count} fin {stream['fin']} {stream['where']}")
    print("\n".join(sorted(lines)))
    print(end or "", f"{len(ports) or len(streams)} source ports")


if __name__ == "__main__":
    main()
