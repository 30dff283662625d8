#!/usr/bin/env python3
"""Our own naive receiver. It behaves at its socket like the course's three receivers (Specs/naive.md §3 and §4).

    receiver.py [--port 25000] [--interface ADDRESS-OF-OURS] [--busy SECONDS] MODE INTO HOST

MODE is unicast, broadcast, multicast or tcp; image N becomes the file INTO/N. HOST is what it binds: its own address, the
broadcast address or the group. No socket option but the membership of the group: the kernel's own receive buffer, a
backlog of 1, and no timeout. --busy imitates the time that the course's receivers need to decode an image between two reads.
"""
import argparse
import os
import socket
import time

DATAGRAM_LIMIT = 65_507
STREAM_PIECE = 65_536


def datagrams(options):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((options.host, options.port))
        if options.mode == "multicast":
            membership = socket.inet_aton(options.host) + socket.inet_aton(options.interface)
            one.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        print("listening", one.getsockname()[1], flush=True)
        while True:
            yield one.recv(DATAGRAM_LIMIT)


def connections(options):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind((options.host, options.port))
        listener.listen(1)
        print("listening", listener.getsockname()[1], flush=True)
        while True:
            stream, _ = listener.accept()
            pieces = []
            with stream:
                while piece := stream.recv(STREAM_PIECE):
                    pieces.append(piece)
            yield b"".join(pieces)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["unicast", "broadcast", "multicast", "tcp"])
    parser.add_argument("into")
    parser.add_argument("host")
    parser.add_argument("--port", type=int, default=25_000)
    parser.add_argument("--interface", default="0.0.0.0")
    parser.add_argument("--busy", type=float, default=0.0)
    options = parser.parse_args()
    os.makedirs(options.into, exist_ok=True)
    images = connections(options) if options.mode == "tcp" else datagrams(options)
    for number, payload in enumerate(images):
        if not payload:
            break
        with open(os.path.join(options.into, str(number)), "wb") as file:
            file.write(payload)
        print(f"{number} {len(payload)}", flush=True)
        time.sleep(options.busy)
    print("end", flush=True)


if __name__ == "__main__":
    main()
