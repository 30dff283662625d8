#!/usr/bin/env python3
"""Numbered UDP datagrams, to measure what a lab does to packets: no protocol of ours, so it can check the lab itself.

datagrams.py send ADDRESS PORT COUNT BYTES SENT-FILE [PACKETS-PER-MILLISECOND]    makes SENT-FILE when all are sent
datagrams.py receive PORT SENT-FILE [GROUP]    prints one line of JSON when SENT-FILE is there and nothing more came for 0.3 s
"""
import json
import os
import socket
import struct
import sys
import time

SO_RCVBUFFORCE = 33  # socket(7): not in Python's module


def send(address, port, count, size, sent, per_millisecond=20.0):
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
    open(sent, "w").close()


def receive(port, sent, group=None):
    incoming = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    incoming.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    try: incoming.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)  # whatever the host's limit, and however busy it is
    except PermissionError: pass  # an ordinary user's lab
    if group:
        membership = socket.inet_aton(group) + socket.inet_aton("0.0.0.0") + struct.pack("i", socket.if_nametoindex("eth1"))
        incoming.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    incoming.bind(("::", port))
    incoming.settimeout(0.3)
    numbers, byte_count, first, last = [], 0, 0.0, 0.0
    while True:
        is_all = os.path.exists(sent)
        try:
            while True:
                datagram = incoming.recv(65536)
                last = time.monotonic()
                first = first or last
                numbers.append(struct.unpack_from("!I", datagram)[0])
                byte_count += len(datagram)
        except socket.timeout:
            if is_all:
                break
    print(json.dumps({"count": len(numbers), "bytes": byte_count, "seconds": last - first, "numbers": numbers}))


if sys.argv[1] == "send":
    send(sys.argv[2], *map(int, sys.argv[3:6]), sys.argv[6], *map(float, sys.argv[7:]))
else:
    receive(int(sys.argv[2]), *sys.argv[3:])
