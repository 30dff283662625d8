#!/usr/bin/env python3
"""A minimal honest sender of the chunked protocol, written from Specs/chunked-udp.md. Hostile ones are made of it.

usage: sender.py FOLDER --to 127.0.0.1:25000 [--group-of 3 --interface 10.77.0.1] [--one-way] [--mtu 1500]
                 [--rate BYTES-PER-SECOND] [--drop 0.05] [--seed 1] [--seconds 60]
It ends with 0 when each receiver verified every file (one-way: when everything was sent), else with 3.
"""
import argparse
import collections
import os
import random
import sys

import wire
from loop import microseconds, now, open_socket, run, send
from wire import (ABORT, ANNOUNCE, CLOSE, COMPLETE, DATA_HEADER_SIZE, END, GROUP, JOIN, NACK, NOTICE, ONE_WAY, REPAIR,
                  REPORT, FileSet, WireError)

TRAIN = 16  # datagrams between two looks at the socket


class Peer:
    """A receiver that the sender knows."""

    def __init__(self):
        self.heard, self.highest, self.rtt, self.outcome = now(), -1, None, None


class Sender:
    """One session, over one socket. `expected`: the number of receivers; more than one, or `group`, makes it a group."""

    linger = 0.1  # seconds for which late completes are answered

    def __init__(self, s, to, files, mtu=1500, rate=40e6, expected=1, group=False, one_way=False, drop=0.0, seed=1,
                 window=256):
        self.socket, self.to, self.rate, self.window, self.drop = s, to, rate, window, drop
        self.expected, self.group, self.one_way = expected, group or expected > 1, one_way
        self.random = random.Random(seed)
        self.session = self.random.getrandbits(64) ^ seed
        self.set = FileSet(files, mtu - 28 - DATA_HEADER_SIZE)
        self.datagram_size = mtu - 28
        self.packet = self.next_chunk = self.round = 0
        self.state, self.peers = "announcing", {}
        self.repairs, self.queued, self.last_repair = collections.deque(), set(), {}
        self.first_announce = self.heard = now()
        self.next_at, self.send_at = now(), 0
        self.ended, self.linger_until = False, None
        self.bytes_sent, self.received = 0, {}  # and type → datagrams

    # Datagrams that it sends.

    def emit_raw(self, datagram):
        self.packet += 1
        self.bytes_sent += len(datagram)
        if self.random.random() >= self.drop:
            send(self.socket, datagram, self.to)

    def emit(self, kind, tail=b"", flags=0, **values):
        self.emit_raw(wire.build(kind, self.session, self.packet, tail, flags, **values))

    def grtt(self):
        known = [peer.rtt for peer in self.peers.values() if peer.rtt is not None]
        return max(known, default=0.1)

    def announce_fields(self):
        return dict(self.set.announce_fields(), group_size=self.expected, timestamp=microseconds(),
                    options=(GROUP if self.group else 0) | (ONE_WAY if self.one_way else 0),
                    grtt=wire.encode_grtt(self.grtt()))

    def announce(self):
        padding = 0 if self.group else max(0, self.datagram_size - wire.FIXED_SIZE[ANNOUNCE])
        self.emit(ANNOUNCE, bytes(padding), **self.announce_fields())

    def send_chunk(self, chunk, flags=0):
        if flags:
            self.last_repair[chunk] = self.packet
        self.emit_raw(wire.build_data(self.session, self.packet, chunk, self.set.chunk(chunk), microseconds(),
                                      wire.encode_grtt(self.grtt()), flags))

    def send_repairs(self):
        """One notice, and at once the chunks that it names (Specs §6.6)."""
        chunks = [self.repairs.popleft() for _ in range(min(len(self.repairs), TRAIN))]
        self.queued.difference_update(chunks)
        entries = [(chunk, 1, self.packet + 1 + i & 0xFFFFFFFF) for i, chunk in enumerate(chunks)]
        self.emit(NOTICE, wire.pack_list(NOTICE, entries), timestamp=microseconds(), count=len(entries),
                  grtt=wire.encode_grtt(self.grtt()))
        for chunk in chunks:
            self.send_chunk(chunk, REPAIR)
        return len(chunks) + 1

    def send_end(self):
        self.emit(END, round=self.round, timestamp=microseconds(), total=self.set.total,
                  grtt=wire.encode_grtt(self.grtt()))
        self.round += 1

    def close(self, receiver):
        self.emit(CLOSE, wire.pack_list(CLOSE, [(receiver,)]), count=1)

    # Datagrams that it receives.

    def handle(self, datagram, source):
        if self.random.random() < self.drop:
            return
        try:
            message = wire.parse(datagram)
            if message.session != self.session or message.kind not in wire.FROM_RECEIVER:
                return
            self.received[message.kind] = self.received.get(message.kind, 0) + 1
            if message.kind != ABORT:
                self.note(message)
            {JOIN: self.handle_join, NACK: self.handle_nack, REPORT: self.handle_report,
             COMPLETE: self.handle_complete, ABORT: self.handle_abort}[message.kind](message)
        except WireError:
            pass

    def note(self, message):
        peer = self.peers.setdefault(message.receiver, Peer())
        peer.heard = now()
        if message.kind != NACK:
            sample = (microseconds() - message.echo - message.hold & 0xFFFFFFFF) / 1e6
            if sample < 60:
                peer.rtt = sample if peer.rtt is None else 0.875 * peer.rtt + 0.125 * sample

    def handle_join(self, message):
        if self.state == "announcing" and len(self.peers) >= self.expected:
            self.start()

    def start(self):
        self.state, self.send_at = "sending", now()
        if self.group:
            self.next_at = now() + 0.5
            self.announce()

    def handle_nack(self, message):
        for first, count in wire.nacked_chunks(message):
            for chunk in range(first, min(first + count, self.next_chunk)):
                if chunk not in self.queued and self.last_repair.get(chunk, -1) <= message.highest:
                    self.queued.add(chunk)
                    self.repairs.append(chunk)

    def handle_report(self, message):
        peer = self.peers[message.receiver]
        peer.highest = max(peer.highest, message.highest)

    def handle_complete(self, message):
        whole = message.status == 0 and message.failed == 0 and message.verified == len(self.set.files)
        self.peers[message.receiver].outcome = "whole" if whole else "partial"
        self.close(message.receiver)
        if self.linger_until:
            self.linger_until = now() + self.linger

    def handle_abort(self, message):
        if message.receiver in self.peers:
            self.peers[message.receiver].outcome = "left"

    # Timers.

    def tick(self):
        time = now()
        for peer in self.peers.values():
            if peer.outcome is None and time - peer.heard > 8:
                peer.outcome = "silent"
        if self.state == "announcing":
            self.tick_announcing(time)
        elif self.linger_until:
            self.ended = time >= self.linger_until
        elif self.peers and all(peer.outcome for peer in self.peers.values()):
            self.linger_until = time + self.linger
        else:
            self.tick_sending(time)

    def tick_announcing(self, time):
        if time - self.first_announce > 10 or self.one_way and self.packet >= 5:
            if self.one_way or self.peers:
                self.start()
            else:
                self.ended = True
        elif time >= self.next_at:
            self.announce()
            self.next_at = time + 0.05

    def tick_sending(self, time):
        if self.group and time >= self.next_at:
            self.announce()
            self.next_at = time + 0.5
        if time < self.send_at:
            return
        if self.repairs:
            count = self.send_repairs()
        elif self.next_chunk < self.set.total and self.may_send(time):
            count = self.train_count()
            for _ in range(count):
                self.send_chunk(self.next_chunk)
                self.next_chunk += 1
        elif self.next_chunk == self.set.total:
            return self.tick_ending(time)
        else:
            self.send_at = time + 0.0005
            return
        self.round_at, self.ends = time, 0
        self.send_at = max(self.send_at, time - 0.002) + count * self.datagram_size / self.rate

    def train_count(self):
        return min(TRAIN, self.set.total - self.next_chunk)

    def may_send(self, time):
        """At most `window` datagrams behind the slowest receiver that still speaks."""
        slowest = min((peer.highest for peer in self.peers.values() if peer.outcome is None and time - peer.heard < 0.2),
                      default=self.packet)
        return self.one_way or self.packet - slowest < self.window

    def tick_ending(self, time):
        if time < self.round_at:
            return
        for _ in range(3 if self.ends == 0 else 1):
            self.send_end()
        self.ends += 1
        if self.one_way and self.ends == 3:
            self.ended = True
        self.round_at = time + min(max(self.grtt(), 0.002) * 2 ** min(max(self.ends - 4, 0), 8), 0.25)

    def deadline(self):
        if self.state == "announcing":
            return self.next_at
        if self.linger_until:
            return self.linger_until
        return max(self.send_at, self.round_at) if self.next_chunk == self.set.total and not self.repairs else self.send_at

    def whole(self):
        return bool(self.peers) and all(peer.outcome == "whole" for peer in self.peers.values())


def read_folder(folder):
    files = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            files[name] = file.read()
    return files


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--to", required=True)
    parser.add_argument("--group-of", type=int, default=0)
    parser.add_argument("--interface")
    parser.add_argument("--one-way", action="store_true")
    parser.add_argument("--mtu", type=int, default=1500)
    parser.add_argument("--rate", type=float, default=40e6)
    parser.add_argument("--drop", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    address, port = options.to.split(":")
    peer = Sender(open_socket("0.0.0.0", interface=options.interface), (address, int(port)), read_folder(options.folder),
                  options.mtu, options.rate, max(1, options.group_of), options.group_of > 0, options.one_way, options.drop,
                  options.seed)
    run([peer], options.seconds)
    print(f"{sum(p.outcome == 'whole' for p in peer.peers.values())} of {len(peer.peers)} receivers whole; "
          f"{peer.packet} datagrams, {peer.bytes_sent} bytes")
    sys.exit(0 if peer.whole() or options.one_way and peer.ended else 3)


if __name__ == "__main__":
    main()
