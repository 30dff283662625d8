#!/usr/bin/env python3
"""Captures the packets of an interface, where tcpdump cannot: in a user namespace of an ordinary user.

  lab-capture.py INTERFACE FILE FRAME-BYTES

tcpdump, as root, sets its groups, and an ordinary user's namespace forbids this. Everything else is as with
`tcpdump -i INTERFACE -s 0 -U -w FILE`: SIGUSR1 prints the counts to standard error, SIGTERM ends it. The packets lie in a
ring of 64 MiB that the kernel fills (packet(7), TPACKET_V2), so that a burst is not lost. FRAME-BYTES: of the longest packet.
"""
import mmap, select, signal, socket, struct, sys

SOL_PACKET, PACKET_RX_RING, PACKET_STATISTICS, PACKET_VERSION, TPACKET_V2 = 263, 5, 6, 10, 1
ETH_P_ALL, TP_STATUS_USER = 3, 1
BLOCK, BLOCKS = 1 << 20, 64
HEAD = struct.Struct("=IIIHHIIHH4x")  # status, length, captured, mac, net, seconds, nanoseconds, and VLAN


class Capture:
    def __init__(self, interface, path, longest):
        self.frame = 1 << (longest + 256 - 1).bit_length()  # room for the kernel's head of each packet
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
        self.count = BLOCK // self.frame * BLOCKS
        self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack("=IIII", BLOCK, BLOCKS, self.frame, self.count))
        self.ring = mmap.mmap(self.socket.fileno(), BLOCK * BLOCKS)
        self.place = self.captured = self.received = self.dropped = 0
        self.socket.bind((interface, ETH_P_ALL))
        self.file = open(path, "wb", buffering=0)
        # pcap with nanoseconds, Ethernet.
        self.file.write(struct.pack("=IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, 1))

    def drain(self):
        """Writes the packets that wait in the ring."""
        while True:
            start = self.place * self.frame
            status, length, captured, mac, _, seconds, nanoseconds, _, _ = HEAD.unpack_from(self.ring, start)
            if not status & TP_STATUS_USER: return
            packet = self.ring[start + mac:start + mac + captured]
            self.file.write(struct.pack("=IIII", seconds, nanoseconds, captured, length) + packet)
            struct.pack_into("=I", self.ring, start, 0)  # the frame is the kernel's again
            self.captured += 1
            self.place = (self.place + 1) % self.count

    def counts(self):
        """In tcpdump's words. The kernel's counts are read before the ring is, so that they are never ahead."""
        packets, drops = struct.unpack("=II", self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
        self.received += packets  # those that were dropped are among them
        self.dropped += drops
        self.drain()
        return self.captured, self.received, self.dropped


def main(interface, path, longest):
    asked = {signal.SIGUSR1: 0, signal.SIGTERM: 0}
    for number in asked: signal.signal(number, lambda number, _: asked.__setitem__(number, 1))
    capture = Capture(interface, path, int(longest))
    waiting = select.poll()
    waiting.register(capture.socket, select.POLLIN)
    while not asked[signal.SIGTERM]:
        waiting.poll(20)
        capture.drain()
        if asked[signal.SIGUSR1]:
            asked[signal.SIGUSR1] = 0
            print("tcpdump: %d packets captured, %d packets received by filter, %d packets dropped by kernel" %
                  capture.counts(), file=sys.stderr, flush=True)
    print("%d packets captured\n%d packets received by filter\n%d packets dropped by kernel" % capture.counts(),
          file=sys.stderr, flush=True)


if __name__ == "__main__":
    try: main(*sys.argv[1:])
    except (OSError, TypeError, ValueError) as error: sys.exit(f"lab-capture.py: {error}")
