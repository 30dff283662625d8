#!/usr/bin/env python3
"""The naive protocol over TCP, written from Specs/naive.md §4: a minimal receiver and sender.

usage: naive_tcp.py receive PORT FOLDER | naive_tcp.py send HOST PORT FOLDER
"""
import os
import socket
import sys


def receive(port, folder):
    with socket.create_server(("", port), backlog=16) as listener:
        count = 0
        while True:
            connection, _ = listener.accept()
            with connection:
                try:
                    image = read(connection)
                except ConnectionResetError:
                    continue  # its sender gave up
            if not image:
                return
            with open(os.path.join(folder, f"image-{count:04}.jpg"), "wb") as file:
                file.write(image)
            count += 1


def read(connection):
    """All bytes of a connection, up to its end."""
    pieces = []
    while piece := connection.recv(65_536):
        pieces.append(piece)
    return b"".join(pieces)


def send(host, port, folder):
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            carry(host, port, file.read())
    carry(host, port, b"")


def carry(host, port, image):
    """One connection with these bytes. It waits for the receiver's end, so that connections keep their order."""
    with socket.create_connection((host, port)) as connection:
        connection.sendall(image)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["receive"] and len(sys.argv) == 4:
        receive(int(sys.argv[2]), sys.argv[3])
    elif sys.argv[1:2] == ["send"] and len(sys.argv) == 5:
        send(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        sys.exit(__doc__)
