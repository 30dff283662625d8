#!/usr/bin/env python3
"""Numbered UDP datagrams, to measure what a lab does to packets: no protocol of ours, so it can check the lab itself.

datagrams.py send ADDRESS PORT COUNT BYTES [PACKETS-PER-MILLISECOND]
datagrams.py receive PORT [GROUP]     prints one line of JSON when nothing came for a second (after the first, or 10 s)
"""
import json
import socket
import struct
import sys
import time


def send(address, port, count, size, per_millisecond=20.0):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    out = socket.socket(family, socket.SOCK_DGRAM)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    begin = time.monotonic()
    for number in range(count):
        due = begin + number / per_millisecond / 1000
        while (wait := due - time.monotonic()) > 0:
            time.sleep(wait)
        out.sendto(struct.pack("!I", number) + bytes(size - 4), (address, port))


def receive(port, group=None):
    incoming = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    incoming.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    incoming.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    if group:
        membership = socket.inet_aton(group) + socket.inet_aton("0.0.0.0") + struct.pack("i", socket.if_nametoindex("eth1"))
        incoming.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    incoming.bind(("::", port))
    incoming.settimeout(10)
    numbers, byte_count, first, last = [], 0, 0.0, 0.0
    try:
        while True:
            datagram = incoming.recv(65536)
            last = time.monotonic()
            first = first or last
            incoming.settimeout(1)
            numbers.append(struct.unpack_from("!I", datagram)[0])
            byte_count += len(datagram)
    except socket.timeout:
        pass
    print(json.dumps({"count": len(numbers), "bytes": byte_count, "seconds": last - first, "numbers": numbers}))


if sys.argv[1] == "send":
    send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), *map(float, sys.argv[6:]))
else:
    receive(int(sys.argv[2]), *sys.argv[3:])
