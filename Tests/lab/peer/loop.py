"""Runs peers: sockets, clocks, and one loop for all peers of a test."""
import random
import select
import socket
import struct
import time

now = time.monotonic


def microseconds():
    """The emitter's clock of Specs §3.4."""
    return time.monotonic_ns() // 1000 & 0xFFFFFFFF


def open_socket(address="127.0.0.1", port=0, group=None, interface=None, buffer=4 << 20, shared=False):
    """A UDP socket. `group` with `interface`: the IPv4 address of the interface on which the group is joined."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    if shared or group:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((group or address, port))
    if interface:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
    if group:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                     struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton(interface or "0.0.0.0")))
    s.setblocking(False)
    return s


def free_port():
    """A UDP port that no socket has bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# The host of Tools/lab in which tests with groups run.
INTERFACE, ADDRESS = "eth1", "10.77.0.1"


def free_group():
    """A multicast group that no other test uses."""
    return f"224.1.{random.randrange(1, 255)}.{random.randrange(1, 255)}"


def send(s, datagram, address):
    """Sends a datagram. A full buffer or a closed port loses it, as a network does."""
    try:
        s.sendto(datagram, address)
        return True
    except (BlockingIOError, ConnectionRefusedError):
        return False


def receive(s, most=256):
    """The datagrams that wait, with their sources."""
    for _ in range(most):
        try:
            yield s.recvfrom(65536)
        except ConnectionRefusedError:
            continue  # an ICMP answer to something that was sent before
        except BlockingIOError:
            return


def receive_for(seconds, *sockets, until=lambda: False):
    """The datagrams that arrive at the sockets in that time: (socket, datagram, source)."""
    end = now() + seconds
    while not until() and (left := end - now()) > 0:
        for s in select.select(sockets, [], [], min(left, 0.05))[0]:
            for datagram, source in receive(s):
                yield s, datagram, source


def run(peers, seconds, until=None):
    """Runs peers until each has ended (or `until` says so), for at most this time. A peer has: socket, ended, handle(datagram,
    source), tick() and deadline() (the time at which it wants its next tick). Returns whether it came to that end."""
    over = until or (lambda: all(peer.ended for peer in peers))
    end = now() + seconds
    while not over():
        if now() > end:
            return False
        at_work = [peer for peer in peers if not peer.ended]
        wait = min([peer.deadline() for peer in at_work] + [end]) - now()
        readable = select.select([peer.socket for peer in at_work], [], [], min(max(wait, 0), 0.05))[0]
        for peer in at_work:
            if peer.socket in readable:
                for datagram, source in receive(peer.socket):
                    peer.handle(datagram, source)
            if not peer.ended:
                peer.tick()
    return True
