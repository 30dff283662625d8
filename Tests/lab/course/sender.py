#!/usr/bin/env python3
"""Our own naive sender. It sends the same bytes as the course's four senders (Specs/naive.md §3 and §4).

    sender.py [--port 25000] [--interface ADDRESS-OF-OURS] [--wait SECONDS] MODE FOLDER HOST

MODE is unicast, broadcast, multicast or tcp. One socket for each image, so that each has a source port of its own; no
pause; three seconds before the empty datagram; over TCP no wait, and no look at what the receiver does. The images go in
the order in which the folder lists them, as the course's glob does.
"""
import argparse
import os
import socket
import time


def udp_socket(options):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if options.mode == "broadcast":
        one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    if options.mode == "multicast":
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(options.interface))
    return one


def say(options, payload, wait=0.0):
    """One datagram, or one connection, with this payload."""
    target = (options.host, options.port)
    if options.mode == "tcp":
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
            stream.connect(target)
            stream.sendall(payload)
        return
    with udp_socket(options) as one:
        time.sleep(wait)
        one.sendto(payload, target)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["unicast", "broadcast", "multicast", "tcp"])
    parser.add_argument("folder")
    parser.add_argument("host")
    parser.add_argument("--port", type=int, default=25_000)
    parser.add_argument("--interface", default="127.0.0.1")
    parser.add_argument("--wait", type=float, default=3.0)
    options = parser.parse_args()
    names = [name for name in os.listdir(options.folder) if name.endswith(".jpg") and not name.startswith(".")]
    for number, name in enumerate(names):
        with open(os.path.join(options.folder, name), "rb") as file:
            payload = file.read()
        say(options, payload)
        print(f"{number} {name} {len(payload)}", flush=True)
    say(options, b"", wait=options.wait)
    print("end", flush=True)


if __name__ == "__main__":
    main()
