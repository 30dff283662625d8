#!/usr/bin/env python3
"""A program of a first networking course: sends images, or receives them, by the naive protocol over UDP.

  naive.py receive PORT FOLDER          stores images until the end marker arrives
  naive.py send HOST PORT FOLDER        sends the images of a folder

It follows Specs/naive.md: one datagram for each image, three seconds of sleep, and an empty datagram as the end.
Start from here: copy it, change it, and let gallery check it:

  gallery check --protocol naive --receiver 'python3 naive.py receive {port} {folder}'
  gallery check --protocol naive --sender 'python3 naive.py send {host} {port} {folder}'

Exit codes: 0 the session is over; 2 an image cannot be sent; 64 wrong usage.
"""
import os
import socket
import sys
import time

LARGEST = 65_507  # bytes of UDP payload: 65,535 less 20 of IP and 8 of UDP
WAIT = 3  # seconds before the end marker, so that it does not overtake an image
PAUSE = 0.002  # seconds between two images, because nothing else slows this sender


def receive(port, folder):
    """Stores each datagram as an image, in the order of arrival. An empty one ends the session."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        s.bind(("", port))
        count = 0
        while True:
            image, source = s.recvfrom(65_536)
            if not image:
                break
            store(folder, f"image-{count:04}.jpg", image)
            count += 1
    print(f"{count} images from {source[0]}")


def store(folder, name, image):
    """Writes a file. It has its name only when it is whole."""
    part = os.path.join(folder, "." + name)
    with open(part, "wb") as file:
        file.write(image)
    os.rename(part, os.path.join(folder, name))


def send(host, port, folder):
    """Sends each image of a folder as one datagram, then the end marker."""
    images = [(name, load(folder, name)) for name in sorted(os.listdir(folder))]
    refused = [name for name, image in images if not 0 < len(image) <= LARGEST]
    if refused:
        print(f"a datagram carries 1 to {LARGEST} bytes; leave out {', '.join(refused)}", file=sys.stderr)
        sys.exit(2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for _, image in images:
            s.sendto(image, (host, port))
            time.sleep(PAUSE)
        time.sleep(WAIT)
        s.sendto(b"", (host, port))
    print(f"{len(images)} images sent")


def load(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


if __name__ == "__main__":
    if sys.argv[1:2] == ["receive"] and len(sys.argv) == 4:
        receive(int(sys.argv[2]), sys.argv[3])
    elif sys.argv[1:2] == ["send"] and len(sys.argv) == 5:
        send(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        print(__doc__, file=sys.stderr)
        sys.exit(64)
