#!/usr/bin/env python3
"""Random datagrams with a valid CRC32, thrown at real processes. usage: fuzz.py [--at-once N] NAME…   SEED=N for others.

Most begin as a valid message; some of its bytes, its length or its flags are then random.
"""
import os
import random

from cases import bases
from loop import free_port, now, open_socket, run, send
from matrix_receiver import PausingSender
from matrix_sender import MTU, PausingReceiver
from program import FULL, attack_main, expect, expect_whole, random_files, receiving, sending
from wire import FileSet, sign

SEED = int(os.environ.get("SEED", "1"))
SECONDS = 60 if FULL else 4
BATCH = 100  # datagrams between two looks at what came back


class Fuzzer:
    def __init__(self, file_set, seed):
        self.random, self.make, self.count = random.Random(seed), bases(file_set), 0

    def datagram(self, session, packet, receiver):
        choose = self.random
        self.count += 1
        out = bytearray(self.make[choose.choice(list(self.make))](session, packet, receiver))
        for _ in range(choose.choice((0, 1, 1, 2, 4, 16))):
            place = choose.randrange(12 if choose.random() < 0.9 else 0, len(out))
            out[place] = choose.choice((0, 1, 127, 128, 254, 255, choose.randrange(256)))
        if choose.random() < 0.1:
            out = out[:choose.randrange(len(out) + 1)]
        if choose.random() < 0.05:
            out += choose.randbytes(choose.choice((1, 8, 300, 1400)))
        return sign(out)


def attack_receiver(scratch):
    """Sessions and strangers' datagrams against `receive --keep`; then an honest session is whole."""
    port, inbox = free_port(), scratch.fresh()
    program = receiving(port, inbox, "--keep", "--idle-timeout", "1s", "-q")
    number, end = 0, now() + SECONDS
    with program:
        fuzzer = None
        while now() < end:
            number += 1
            files = random_files(2500, 0, 1000, seed=number, prefix=f"{number:05}")
            sender = PausingSender(open_socket(), ("127.0.0.1", port), files, mtu=300, seed=number)
            fuzzer = fuzzer or Fuzzer(sender.set, SEED)
            sender.pause_at = fuzzer.random.randrange(sender.set.total)
            run([sender], 0.3, lambda: sender.next_chunk >= sender.pause_at > 0)
            for _ in range(5):
                for _ in range(BATCH):
                    receiver = fuzzer.random.choice((0, 1, next(iter(sender.peers), 1)))
                    session = sender.session if fuzzer.random.random() < 0.9 else fuzzer.random.getrandbits(64)
                    send(sender.socket, fuzzer.datagram(session, sender.packet, receiver), sender.to)
                    sender.packet += 1
                run([sender], 0.01)
            program.check(f"seed {SEED}, session {number}")
            sender.socket.close()
        expect_whole(PausingSender(open_socket(), ("127.0.0.1", port), random_files(9000, prefix="last"), seed=0), program, inbox, 60,
                     f"after {fuzzer.count} random datagrams, seed {SEED}")
        program.interrupt()
    return f"{fuzzer.count} datagrams in {number} sessions, seed {SEED}, at most {program.memory} MB"


def attack_sender(scratch):
    """An honest receiver that also sends random datagrams between its own."""
    files = random_files(25000, 0, 15000)
    folder, file_set = scratch.folder(files), FileSet(files, MTU - 60)
    fuzzer, number, end, codes, memory = Fuzzer(file_set, SEED), 0, now() + SECONDS, {}, 0
    while now() < end:
        number += 1
        phase = fuzzer.random.choice(("announcing", "sending", "ending"))
        peer = PausingReceiver(open_socket(), phase, number)
        with sending(folder, peer.socket.getsockname()[1], "--mtu", MTU, "--wait", "2s") as program:
            run([peer], 60, lambda: peer.there() or program.code() is not None)
            for _ in range(5):
                for _ in range(BATCH):
                    receiver = fuzzer.random.choice((peer.id, peer.id, 1))
                    send(peer.socket, fuzzer.datagram(peer.session, peer.packet, receiver), peer.sender)
                    peer.packet += 1
                run([peer], 0.03, lambda: program.code() is not None)
            lied = phase == "ending"  # it has everything: a random complete may well be a true one
            peer.paused = False
            run([peer], 60, lambda: program.code() is not None)
            code = program.wait(60, f"seed {SEED}, session {number}")
            expect(code != 0 or peer.files == files or lied, f"exit 0 with {len(peer.held)} of {file_set.total} chunks, seed "
                   f"{SEED}, session {number}")
            codes[code], memory = codes.get(code, 0) + 1, max(memory, program.memory)
            peer.socket.close()
    return f"{fuzzer.count} datagrams in {number} sessions, seed {SEED}, exit codes {codes}, at most {memory} MB"


if __name__ == "__main__":
    attack_main(globals())
