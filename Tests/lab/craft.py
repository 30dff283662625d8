#!/usr/bin/env python3
"""Datagrams of the chunked protocol, written here from Specs/chunked-udp.md alone and put into a capture file: what the
dissector must make of each is known beforehand.

craft.py FILE      one datagram of every type and form, then the faulty ones; prints a line of JSON for each
"""
import json
import socket
import struct
import sys
import zlib

SESSION = 0x0123456789ABCDEF
RECEIVER = 0xFEDCBA9876543210


def datagram(kind, packet, body, flags=0, version=2):
    """Bytes 0..<20 and the body, with the CRC32 over the body first, then the header (32 bytes for data and parity)."""
    head = struct.pack("!BBBBQI", 0x47, version, kind, flags, SESSION, packet)
    split = 12 if kind in (3, 4) else 0
    crc = zlib.crc32(head + bytes(4) + body[:split], zlib.crc32(body[split:]))
    return head + struct.pack("!I", crc) + body


def announce(packet, flags=0, padding=0):
    return datagram(1, packet, bytes(range(16)) + struct.pack(
        "!QQIIIIHBBBBBx", 1_000_000, 700, 2000, 20, 3, 99, 1440, 5, 100, 64, 8, 1) + bytes(24 + padding), flags)


def data(packet, chunk, flags=0, payload=b"payload of a chunk"):
    return datagram(3, packet, struct.pack("!IIB3x", chunk, 1000 + packet, 100) + payload, flags)


def feedback(highest):
    return struct.pack("!QIII", RECEIVER, highest, 77, 88)


def messages():
    """(name, from the sender?, bytes, fields that tshark must show, expert information that it must show)"""
    text = "host".encode()
    yield "announce", True, announce(0), {"gallery.announce.files": "20", "gallery.announce.file_bytes": "1000000"}, []
    yield "probe", True, announce(1, 4, 500), {"gallery.flags.provisional": "1"}, []
    yield "join", False, datagram(2, 0, struct.pack("!QIIIHB", RECEIVER, 99, 5, 8 << 20, 580, len(text)) + text), {
        "gallery.text": "host", "gallery.join.largest_announce": "580"}, []
    yield "data", True, data(2, 17), {"gallery.chunk": "17", "gallery.payload.length": "18"}, []
    yield "parity", True, datagram(4, 3, struct.pack("!IIBBBB", 64, 1003, 100, 2, 64, 3) + bytes(1440), 1), {
        "gallery.parity.symbol": "2", "gallery.block_chunks": "64", "gallery.block_stride": "3"}, ["gallery.repair"]
    yield "NACK ranges", False, datagram(5, 1, feedback(3) + struct.pack("!HIIII", 2, 17, 1, 20, 3)), {
        "gallery.nack.missing": "4", "gallery.range.first": "17,20"}, ["gallery.asks"]
    yield "NACK bitmap", False, datagram(5, 2, feedback(3) + struct.pack("!I", 40) + b"\xa0\x81", 2), {
        "gallery.nack.missing": "4"}, ["gallery.asks"]
    yield "notice", True, datagram(6, 4, struct.pack("!IBBHIII", 1004, 100, 0, 1, 17, 1, 5)), {
        "gallery.range.packet_number": "5"}, []
    yield "repair", True, data(5, 17, 1), {"gallery.repair_of": "4", "gallery.asked_for_in": "6"}, ["gallery.repair"]
    yield "parity notice", True, datagram(6, 6, struct.pack("!IBBHIII", 1004, 100, 0, 1, 64, 2, 7), 2), {
        "gallery.flags.alternate": "1"}, []
    yield "report", False, datagram(7, 3, feedback(6) + struct.pack("!IIQQQQI4x", 9, 1, 6, 6000, 4, 2, 7)), {
        "gallery.report.chunks_held": "4", "gallery.report.socket_drops": "1", "gallery.report.congestion_marks": "7"}, []
    yield "report with marks", False, datagram(7, 6, feedback(6) + struct.pack("!IIQQQQI4x", 9, 1, 6, 6000, 4, 2, 7), 0x20), {
        "gallery.flags.counts_marks": "1", "gallery.report.congestion_marks": "7"}, []
    yield "end", True, datagram(8, 7, struct.pack("!IIQB3x", 1, 1007, 702, 100)), {"gallery.end.round": "1"}, []
    yield "complete", False, datagram(9, 4, struct.pack("!QIIIIBB", RECEIVER, 1, 2, 20, 0, 0, 0)), {
        "gallery.complete.verified": "20"}, []
    yield "close", True, datagram(10, 8, struct.pack("!H2xIQ", 1, 9, RECEIVER)), {
        "gallery.receiver": hex(RECEIVER), "gallery.close.induced_drops": "9"}, []
    yield "partial", False, datagram(9, 5, struct.pack("!QIIIIBB", RECEIVER, 1, 2, 19, 1, 1, 4) + text), {
        "gallery.complete.failed": "1"}, ["gallery.incomplete"]
    yield "abort", True, datagram(11, 9, struct.pack("!QBB", 0, 3, 4) + text), {"gallery.abort.reason": "3"}, [
        "gallery.aborted"]
    # Faulty datagrams, and values that version 2 does not know.
    yield "duplicate", True, data(2, 17), {"gallery.duplicate_of": "4"}, ["gallery.duplicate"]
    yield "resent", True, data(10, 17), {"gallery.repair_of": "4"}, ["gallery.resent"]
    corrupt = bytearray(data(11, 18))
    corrupt[40] ^= 0x10
    yield "corrupt", True, bytes(corrupt), {"gallery.checksum.status": "0"}, ["gallery.checksum.bad"]
    yield "same number, other side", False, datagram(7, 10, feedback(6) + struct.pack("!IIQQQQI4x", 9, 1, 6, 6000, 4, 2, 7)), {}, []
    yield "version 1", True, datagram(3, 12, bytes(40), version=1), {"gallery.version": "1"}, ["gallery.version.unknown"]
    yield "type 12", True, datagram(12, 13, bytes(40)), {"gallery.type": "12"}, ["gallery.type.unknown"]
    yield "truncated", True, datagram(8, 14, bytes(4)), {}, ["gallery.malformed"]
    yield "count beyond its end", False, datagram(5, 20, feedback(6) + struct.pack("!HII", 2, 17, 1)), {}, ["gallery.malformed"]
    train = b"".join(data(15 + 2 * i, 30 + 2 * i, payload=bytes([i]) * 1440) for i in range(3)) + data(21, 36)
    # Two of its datagrams were dropped on purpose, so that its packet numbers have gaps.
    yield "train", True, train, {"gallery.chunk": "30,32,34,36", "gallery.checksum.status": "1,1,1,1"}, []


def packet(payload, from_sender, ports):
    source, destination = ("10.0.0.1", "10.0.0.2") if from_sender else ("10.0.0.2", "10.0.0.1")
    udp = struct.pack("!HHHH", *(ports if from_sender else ports[::-1]), 8 + len(payload), 0)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 0, 0x4000, 64, 17, 0, socket.inet_aton(source),
                     socket.inet_aton(destination))
    return ip + udp + payload


def main(path):
    with open(path, "wb") as out:
        out.write(struct.pack("!IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 228))  # LINKTYPE_IPV4
        for number, (name, from_sender, payload, fields, experts) in enumerate(messages()):
            frame = packet(payload, from_sender, (40000, 25000))
            out.write(struct.pack("!IIII", 1_700_000_000, number * 1000, len(frame), len(frame)) + frame)
            print(json.dumps({"frame": number + 1, "name": name, "fields": fields, "experts": experts}))


main(sys.argv[1])
