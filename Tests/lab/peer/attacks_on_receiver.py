#!/usr/bin/env python3
"""Hostile senders against `gallery receive`. usage: attacks_on_receiver.py [--at-once N] NAME…

Each prints a line of figures, and ends with 1 when the receiver did what it must not.
"""

import wire
from cases import bases
from loop import free_port, microseconds, now, open_socket, receive_for, run, send
from matrix_receiver import PausingSender
from program import FULL, Late, attack_main, expect, expect_same, expect_whole, random_files, receiving
from sender import Sender
from wire import ANNOUNCE, GROUP, NOTICE, PROVISIONAL

ANSWER_FACTOR = 3  # times what an address sent that it may be sent, before the first chunk came from it
FORGOTTEN = 2  # seconds after which a receiver forgets a session without a chunk
IN_VAIN = 40  # seconds within which a session without progress must end


class Scene:
    """A `gallery receive`, and the sockets that send to it."""

    def __init__(self, scratch, *options):
        self.port, self.inbox = free_port(), scratch.fresh()
        self.address = ("127.0.0.1", self.port)
        self.program = receiving(self.port, self.inbox, *options)
        self.count = 0

    def sender(self, *sizes, make=PausingSender, **options):
        self.count += 1
        files = random_files(*(sizes or (40_000, 0, 9_000)), seed=self.count, prefix=f"{self.count}")
        return make(open_socket(), self.address, files, seed=self.count, **options)

    def whole(self, seconds, what):
        """An honest sender that starts now is served within this time."""
        return expect_whole(self.sender(), self.program, self.inbox, seconds, what)

    def whole_after(self, stranger, seconds, what):
        """The same directly after a stranger's datagram. What takes longer by chance is tried again."""
        for attempt in range(5):
            stranger()
            try:
                return self.whole(seconds, what)
            except Late:
                if attempt == 4:
                    raise


def attack_reflector(scratch):
    """One small datagram with a forged source causes answers of at most three times its bytes, whatever the datagram is."""
    figures = []
    for what, options, flags, size in (("announce", 0, 0, 0), ("group's", GROUP, 0, 0), ("probe", 0, PROVISIONAL, 0),
                                       ("full probe", 0, PROVISIONAL, 1372)):
        scene = Scene(scratch)
        forged = scene.sender()
        fields = {**forged.announce_fields(), "options": options, "group_size": 1}
        datagram = wire.build(ANNOUNCE, forged.session, 0, bytes(size), flags, **fields)
        # A datagram of the session that is no chunk allows no more bytes than its own length does.
        rest = [bases(forged.set)[name](forged.session, 1 + i, 0) for i, name in enumerate(("end", "close", "notice"))]
        sent = 0
        for one in [datagram] + ([] if flags else rest):
            send(forged.socket, one, scene.address)
            sent += len(one)
        back = sum(len(answer) for _, answer, _ in receive_for(20 if FULL else 4, forged.socket))
        figures.append(f"{what} {back / sent:.2f}")
        expect(back <= ANSWER_FACTOR * sent, f"{back} bytes came back for the {sent} of one {what}: {back / sent:.1f} times")
        scene.program.check()
        scene.program.interrupt()
    return "times back: " + ", ".join(figures)


def attack_reflector_kept_alive(scratch):
    """A cheap datagram every second: the answers stay in proportion."""
    scene = Scene(scratch, "--keep")
    forged = scene.sender()
    sent, back, start = 0, 0, now()
    while now() - start < (20 if FULL else 6):
        for name in ("announce", "close", "close"):
            datagram = bases(forged.set)[name](forged.session, forged.packet, 0)
            forged.packet += 1
            send(forged.socket, datagram, scene.address)
            sent += len(datagram)
        back += sum(len(answer) for _, answer, _ in receive_for(0.5, forged.socket))
    expect(back <= ANSWER_FACTOR * sent, f"{back} bytes for {sent}")
    return f"{back / sent:.2f} times back"


def attack_strangers_announce(scratch):
    """Neither a stranger's announce nor an impossible one delays an honest sender that starts directly after it."""
    scene = Scene(scratch, "--keep")
    forged = scene.sender()
    fields = forged.announce_fields()
    strange = [dict(), dict(files=12_782_641, manifest_size=1 << 28), dict(files=1 << 24, manifest_size=1 << 28),
               dict(file_bytes=1 << 62, file_chunks=(1 << 32) - 2), dict(file_bytes=(1 << 64) - 1), dict(files=0),
               dict(manifest_size=0), dict(file_chunks=0), dict(options=GROUP, group_size=0xFFFFFFFF)]
    longest = 0
    for i, change in enumerate(strange):
        for flags in (0, PROVISIONAL):
            datagram = wire.build(ANNOUNCE, i, 0, flags=flags, **{**fields, **change})
            longest = max(longest, scene.whole_after(
                lambda: send(open_socket(), datagram, scene.address), FORGOTTEN, f"right after a stranger's announce with {change or 'nothing odd'}"))
    return f"{2 * len(strange)} announces, the honest transfer took at most {longest:.2f} s"


def attack_impossible_announce(scratch):
    """Without --keep such an announce does not end a receiver either."""
    for change in (dict(file_bytes=1 << 62, file_chunks=(1 << 32) - 2), dict(files=1), dict(file_chunks=0),
                   dict(files=12_782_641, manifest_size=1 << 28)):
        scene = Scene(scratch)
        forged = scene.sender()
        datagram = wire.build(ANNOUNCE, 5, 0, **{**forged.announce_fields(), **change})
        send(forged.socket, datagram, scene.address)
        scene.whole(60, f"after an announce with {change}")
        expect(scene.program.wait(60) == 0, "exit", scene.program.code(), scene.program.text())


def attack_announces_for_ever(scratch):
    """A stranger that announces all the time does not keep an honest sender out."""
    figures = []
    for flags in (0, PROVISIONAL):
        scene = Scene(scratch)
        forged = scene.sender()
        fields = forged.announce_fields()
        honest = scene.sender()
        for second in range(3):
            send(forged.socket, wire.build(ANNOUNCE, forged.session, second, flags=flags, **fields), scene.address)
            list(receive_for(0.9, forged.socket))
        start, packet = now(), 10
        while not honest.ended and now() - start < 60:
            run([honest], 0.5)
            send(forged.socket, wire.build(ANNOUNCE, forged.session, packet, flags=flags, **fields), scene.address)
            packet += 1
        scene.program.check()
        expect(honest.whole(), "not whole after", f"{now() - start:.1f} s beside a stranger that announces each 0.5 s")
        expect(scene.program.wait(60) == 0, "exit", scene.program.code())
        expect_same(scene.inbox, honest.set.files)
        figures.append(f"{now() - start:.2f} s")
    return "honest sender whole after " + ", ".join(figures)


def attack_wrong_length(scratch):
    """Data of another length than the layout gives is dropped, and the session goes on."""
    for first in (0, 10):
        scene = Scene(scratch)
        sender = scene.sender()
        sender.pause_at = first
        expect(run([sender], 60, lambda: sender.peers and sender.next_chunk >= first), "no join")
        for chunk in (0, 1, 12, sender.set.total - 1):
            payload = sender.set.chunk(chunk)
            for wrong in (payload[:-1], payload + b"x", b"x", bytes(60000), b""):
                sender.emit_raw(wire.build_data(sender.session, sender.packet, chunk, wrong))
        sender.release()
        run([sender], 60)
        # A false length of a chunk of the manifest may be accepted before the layout is known. Other false lengths are not.
        expect(sender.whole(), "the session did not go on after data of wrong lengths", [p.outcome for p in
                                                                                        sender.peers.values()])
        expect(scene.program.wait(60) == 0, "exit", scene.program.code(), scene.program.text())
        expect_same(scene.inbox, sender.set.files)


def attack_packet_number_ahead(scratch):
    """One packet number far ahead makes no later datagram an old one."""
    for ahead in (2**31 - 1, 2**31, 2**30, 100_000):
        scene = Scene(scratch)
        sender = scene.sender()
        sender.pause_at = 10
        expect(run([sender], 60, lambda: sender.next_chunk >= 10), "no join")
        forged = wire.build(NOTICE, sender.session, sender.packet + ahead, wire.pack_list(NOTICE, [(1, 1, sender.packet + 1)]),
                            timestamp=microseconds(), count=1)
        send(sender.socket, forged, sender.to)
        sender.release()
        run([sender], 60)
        expect(sender.whole(), f"the session did not go on after a packet number {ahead} ahead")
        expect(scene.program.wait(60) == 0, "exit", scene.program.code(), scene.program.text())
        expect_same(scene.inbox, sender.set.files)


class OnlyEnds(Sender):
    """Sends half of its set, then *end* and nothing else, whatever is asked of it."""

    def handle_nack(self, message):
        pass

    def tick_sending(self, time):
        if self.next_chunk >= self.set.total // 2:
            if time >= self.send_at:
                self.send_end()
                self.send_at = time + 0.02
        else:
            super().tick_sending(time)

    def deadline(self):
        return max(self.send_at, self.next_at if self.state == "announcing" else 0)


def attack_ends_for_ever(scratch):
    scene = Scene(scratch, "--idle-timeout", "3s")
    sender = scene.sender(make=OnlyEnds)
    start = now()
    run([sender], IN_VAIN, lambda: scene.program.code() is not None)
    code = scene.program.wait(1, "while a sender only repeats end")
    expect(code == 3, "exit", code)
    return f"ended after {now() - start:.1f} s; {sum(sender.received.values())} datagrams came back"


class NoChunk(OnlyEnds):
    """Announces and then only repeats *end*: no chunk at all."""

    def tick_sending(self, time):
        self.next_chunk = self.set.total
        super().tick_sending(time)


def attack_no_chunk(scratch):
    scene = Scene(scratch, "--keep")
    sender = scene.sender(make=NoChunk)
    run([sender], 60, lambda: sender.state == "sending")
    run([sender], 3)
    scene.whole(60, "after a sender that sent no chunk")


def attack_false_chunks(scratch):
    """False messages with the true session's id from another port do no harm: in a pause of the true sender, and while it
    sends. After a second without the sender another address is heard, so what is late by chance is tried again."""
    for attempt in range(5):
        scene = Scene(scratch)
        sender = scene.sender(400_000, rate=4e6)
        sender.pause_at = 20
        stranger, count = open_socket(), 0

        def speak():
            nonlocal count
            for name in ("data", "announce", "end", "close", "abort", "notice", "parity"):
                send(stranger, bases(sender.set)[name](sender.session, 1_000_000 + count, next(iter(sender.peers))), scene.address)
                count += 1

        run([sender], 60, lambda: sender.next_chunk >= 20)
        run([sender], 0.25)  # a connected socket is taken back meanwhile
        paused_at = now()
        speak()
        run([sender], 0.1)
        sender.release()
        in_time = now() - paused_at < 0.5
        while not sender.ended and count < 10_000 and scene.program.code() is None:
            before = now()
            run([sender], 0.01)
            speak()
            in_time &= now() - before < 0.5
        run([sender], 60)  # the receiver may end before this sender has read that it is complete
        if sender.whole():
            expect(scene.program.wait(60) == 0, "exit", scene.program.code(), scene.program.text())
            expect_same(scene.inbox, sender.set.files)
            return f"{count} datagrams of the stranger"
        expect(not in_time and attempt < 4, "not whole beside a stranger that knows the session", scene.program.text())


if __name__ == "__main__":
    attack_main(globals())
