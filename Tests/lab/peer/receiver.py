#!/usr/bin/env python3
"""A minimal honest receiver of the chunked protocol, written from Specs/chunked-udp.md. Hostile ones are made of it.

usage: receiver.py --port 25000 --into FOLDER [--address 127.0.0.1] [--group 224.1.1.5 --interface 10.77.0.11]
                   [--drop 0.05] [--seed 1] [--report-interval SECONDS] [--seconds 60]
It ends with 0 when every file was verified and the sender has closed, else with 3.
"""
import argparse
import os
import random
import sys
import zlib

import wire
from loop import now, open_socket, run, send
from wire import (ABORT, ANNOUNCE, CLOSE, COMPLETE, DATA, END, JOIN, NACK, NOTICE, PROVISIONAL, REPAIR, REPORT, Layout,
                  WireError)


class Receiver:
    """One receiver of one session. Counts and outcomes are attributes, so that tests can read them."""

    def __init__(self, s, drop=0.0, seed=1, report_interval=None, name="python"):
        self.socket, self.drop, self.name = s, drop, name
        self.random = random.Random(seed)
        self.id = self.random.getrandbits(64) | 1 ^ seed << 1
        self.report_interval = report_interval  # seconds; None: as Specs §6.4
        self.session = self.sender = self.shape = self.layout = None
        self.packet = 0  # the next number of ours
        self.highest = self.highest_echo = self.highest_time = -1
        self.echo = self.echo_time = 0  # the newest timestamp of any message, and when it came
        self.seen, self.held, self.missing = set(), {}, {}
        self.frontier = self.duplicates = self.payload_bytes = self.largest = 0
        self.grtt, self.one_way = 0.1, False
        self.report_at = self.nack_at = self.complete_at = self.join_at = None
        self.complete_count = 0
        self.files = None  # name → bytes when every chunk is here
        self.verified = self.failed = 0
        self.closed = self.aborted = self.ended = False
        self.sent = {}  # type → datagrams

    # Datagrams that it sends.

    def emit(self, kind, tail=b"", flags=0, **values):
        if self.one_way or self.sender is None:
            return
        datagram = wire.build(kind, self.session, self.packet, tail, flags, **values)
        self.packet += 1
        self.sent[kind] = self.sent.get(kind, 0) + 1
        if self.random.random() >= self.drop:
            send(self.socket, datagram, self.sender)

    def hold(self, since):
        return min(0xFFFFFFFF, int((now() - since) * 1e6))

    def join(self):
        self.join_at = None
        name = self.name.encode()[:64]
        self.emit(JOIN, name, receiver=self.id, echo=self.echo, hold=self.hold(self.echo_time), buffer=4 << 20,
                  largest=self.largest, text_size=len(name))

    def report_fields(self):
        return dict(receiver=self.id, highest=max(self.highest, 0), echo=max(self.highest_echo, 0),
                    hold=self.hold(self.highest_time), clock=int(self.highest_time * 1e6) & 0xFFFFFFFF, drops=0,
                    datagrams=len(self.seen), payload_bytes=self.payload_bytes, held=len(self.held),
                    duplicates=self.duplicates)

    def report(self):
        self.emit(REPORT, **self.report_fields())
        self.report_at = now() + max(0.1, 2 * self.interval())
        self.unreported = 0

    def interval(self):
        if self.report_interval is not None:
            return self.report_interval
        return min(max(self.grtt / 4, 0.001), 0.05)

    def nack(self):
        """Asks for chunks that were not asked for within one patience. A sender's notice counts as asking (Specs §6.5)."""
        self.nack_at = None
        patience, due = 2 * self.grtt + 0.015, []
        for chunk, asked in self.missing.items():
            if now() - asked >= patience:
                due.append(chunk)
        ranges = []
        for chunk in sorted(due):
            if ranges and sum(ranges[-1]) == chunk:
                ranges[-1][1] += 1
            elif len(ranges) < 140:
                ranges.append([chunk, 1])
            else:
                break
            self.missing[chunk] = now()
        if ranges:
            self.emit(NACK, wire.pack_list(NACK, ranges), receiver=self.id, highest=max(self.highest, 0),
                      echo=max(self.highest_echo, 0), hold=self.hold(self.highest_time), count=len(ranges))
        if self.missing:
            self.nack_at = now() + max(0.002, min(patience / 4, 0.02))

    def complete_fields(self):
        return dict(receiver=self.id, echo=self.echo, hold=self.hold(self.echo_time), verified=self.verified,
                    failed=self.failed, status=1 if self.failed else 0)

    def complete(self):
        self.emit(COMPLETE, **self.complete_fields())
        self.complete_count += 1
        self.complete_at = now() + min(0.5, max(2 * self.grtt, 0.002) * 2 ** max(0, self.complete_count - 3))

    # Datagrams that it receives.

    def handle(self, datagram, source):
        if self.random.random() < self.drop:
            return
        try:
            message = wire.parse(datagram)
        except WireError:
            return
        if self.session is not None and message.session != self.session:
            return
        if message.kind == ANNOUNCE:
            self.handle_announce(message, source)
        elif self.session is not None and self.shape is not None:
            if message.packet in self.seen:
                return
            self.note(message)
            handler = {DATA: self.handle_data, NOTICE: self.handle_notice, END: self.handle_end,
                       CLOSE: self.handle_close, ABORT: self.handle_abort}.get(message.kind)
            if handler:
                handler(message)

    def note(self, message):
        self.seen.add(message.packet)
        self.payload_bytes += message.size
        if hasattr(message, "timestamp"):
            self.echo, self.echo_time = message.timestamp, now()
            if message.packet > self.highest:
                self.highest, self.highest_echo, self.highest_time = message.packet, message.timestamp, now()
        if hasattr(message, "grtt"):
            self.grtt = wire.decode_grtt(message.grtt)
        self.unreported = getattr(self, "unreported", 0) + message.size
        due = now() + self.interval()
        self.report_at = min(self.report_at or due, due)
        # The sender's window depends on these reports: no more than our buffer may be in flight.
        if self.report_interval is None and self.unreported > (4 << 20) // 8:
            self.report_at = now()

    def handle_announce(self, message, source):
        if self.session is None:
            self.session, self.sender = message.session, source
        self.one_way = bool(message.options & wire.ONE_WAY)
        self.largest = max(self.largest, message.size)
        final = not message.flags & PROVISIONAL
        fresh = self.shape is None
        if final and fresh:
            self.shape = message
            self.total = wire.ceil_div(message.manifest_size, message.chunk_size) + message.file_chunks
        if final and message.packet in self.seen:
            return
        if final:
            self.note(message)
        self.echo, self.echo_time = message.timestamp, now()
        if message.options & wire.GROUP:
            if fresh:
                self.join_at = now() + self.random.uniform(0, min(message.group_size * 250e-6, 0.5))
        else:
            self.join()

    def handle_data(self, message):
        chunk = message.chunk
        if chunk >= self.total:
            return
        if chunk in self.held:
            self.duplicates += 1
            return
        if self.layout and len(message.tail) != self.layout.size_of(chunk):
            return
        self.held[chunk] = message.tail
        self.missing.pop(chunk, None)
        if not message.flags & REPAIR:
            self.pass_to(chunk)
            self.frontier = max(self.frontier, chunk + 1)
        if self.layout is None:
            self.find_layout()
        if len(self.held) == self.total and self.files is None and self.layout:
            self.verify()

    def pass_to(self, chunk):
        for index in range(self.frontier, chunk):
            if index not in self.held:
                self.missing[index] = -1e9
        if self.missing and self.nack_at is None:
            self.nack_at = now() + 0.001

    def find_layout(self):
        count = wire.ceil_div(self.shape.manifest_size, self.shape.chunk_size)
        if any(index not in self.held for index in range(count)):
            return
        manifest = b"".join(self.held[index] for index in range(count))
        self.entries = wire.parse_manifest(manifest)
        self.layout = Layout(len(manifest), [size for _, size in self.entries], self.shape.chunk_size)
        for chunk in [chunk for chunk, payload in self.held.items() if len(payload) != self.layout.size_of(chunk)]:
            del self.held[chunk]

    def verify(self):
        self.files = {}
        for (name, size), (first, count, _) in zip(self.entries, self.layout.rows[1:]):
            stream = b"".join(self.held[first + i] for i in range(count))
            content, checksum = stream[:size], int.from_bytes(stream[size:], "little")
            if zlib.crc32(content) == checksum:
                self.files[name] = content
        self.verified = len(self.files)
        self.failed = len(self.entries) - self.verified
        self.complete()
        if self.one_way:
            self.ended = True

    def handle_notice(self, message):
        try:
            for first, count, _ in wire.entries(message):
                for chunk in range(first, min(first + count, self.total)):
                    if chunk in self.missing:
                        self.missing[chunk] = now()
        except WireError:
            pass

    def handle_end(self, message):
        if message.total != self.total:
            return
        if self.files is not None:
            self.complete()
            return
        self.pass_to(self.total)
        self.frontier = self.total
        self.report()

    def handle_close(self, message):
        try:
            if (self.id,) in wire.entries(message) and self.files is not None:
                self.closed = self.ended = True
        except WireError:
            pass

    def handle_abort(self, message):
        if message.receiver in (0, self.id):
            self.aborted = self.ended = True

    # Timers.

    def tick(self):
        time = now()
        if self.join_at and time >= self.join_at:
            self.join()
        if self.files is None and self.nack_at and time >= self.nack_at:
            self.nack()
        if self.files is None and self.report_at and time >= self.report_at:
            self.report()
        if self.complete_at and time >= self.complete_at:
            if self.complete_count < 20:
                self.complete()
            else:
                self.ended = True

    def deadline(self):
        timers = [self.join_at, self.complete_at]
        if self.files is None:
            timers += [self.nack_at, self.report_at]
        return min([timer for timer in timers if timer] or [now() + 0.05])


def is_inside(name):
    """Whether a name of the manifest stays in the receiver's folder (Specs/chunked-udp.md §5)."""
    return "\0" not in name and all(part not in ("", ".", "..") for part in name.split("/"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=25000)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--into", required=True)
    parser.add_argument("--group")
    parser.add_argument("--interface")
    parser.add_argument("--drop", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report-interval", type=float)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    peer = Receiver(open_socket(options.address, options.port, options.group, options.interface), options.drop,
                    options.seed, options.report_interval)
    run([peer], options.seconds)
    unsafe = [name for name in peer.files or {} if not is_inside(name)]
    for name, content in (peer.files or {}).items():
        if name in unsafe:
            continue
        path = os.path.join(options.into, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    whole = peer.files is not None and peer.failed == 0 and not unsafe and (peer.closed or peer.one_way)
    print(f"{peer.verified} files verified, {peer.failed} failed, closed {peer.closed}, sent "
          + ", ".join(f"{count} {wire.NAMES[kind]}" for kind, count in sorted(peer.sent.items())))
    sys.exit(0 if whole else 3)


if __name__ == "__main__":
    main()
