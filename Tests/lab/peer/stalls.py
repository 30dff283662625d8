#!/usr/bin/env python3
"""Processes that stand still for a while (SIGSTOP: a suspended host, a paused container). usage: stalls.py NAME…"""
import glob
import signal
import time

from loop import free_port
from program import attack_main, expect, expect_same, random_files, receiving, sending


def pair(scratch, who, seconds, *options):
    """`gallery send` to `gallery receive`; one of them is stopped during the transfer for this time. Both must end with 0."""
    files = random_files(12_000_000, 12_000_000)
    port, inbox = free_port(), scratch.fresh()
    receiver = receiving(port, inbox, *options)
    sender = sending(scratch.folder(files), port, "--rate", "50Mbit")
    with receiver, sender:
        # In the midst of the transfer.
        while not glob.glob(f"{inbox}/.gallery-*/**/*.part", recursive=True) and sender.code() is None:
            time.sleep(0.02)
        time.sleep(0.3)
        stopped = {"receiver": receiver, "sender": sender}[who]
        expect(stopped.code() is None, "it ended before it was stopped")
        stopped.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        stopped.process.send_signal(signal.SIGCONT)
        codes = [sender.wait(120), receiver.wait(120)]
        expect(codes == [0, 0], "sender and receiver ended with", codes, "\n" + sender.text(), "\n" + receiver.text())
    expect_same(inbox, files)


def attack_receiver_suspended(scratch):
    """Longer than its own idle time, while the sender waits for it."""
    pair(scratch, "receiver", 4, "--idle-timeout", "3s")


def attack_sender_suspended(scratch):
    """Longer than its own time of silence, while the receiver waits for it."""
    pair(scratch, "sender", 10)


if __name__ == "__main__":
    attack_main(globals())
