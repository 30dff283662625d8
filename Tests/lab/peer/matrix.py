#!/usr/bin/env python3
"""Extreme values in every field of every message, singly and in pairs, in each phase of real processes.

usage: matrix.py receiver|sender [--group] [--seed 1] [--pairs N] [--only PHASE/MESSAGE]
Prints each case that showed a fault and how many cases ran; ends with 1 if one did. GALLERY_FULL=1: more pairs.
"""
import argparse
import sys

from matrix_receiver import ReceiverMatrix
from matrix_sender import SenderMatrix
from program import FULL, Scratch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=("receiver", "sender"))
    parser.add_argument("--group", action="store_true", help="multicast, in a host of Tools/lab")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=400 if FULL else 24, help="of fields, for each message and phase")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    with Scratch() as scratch:
        matrix = {"receiver": ReceiverMatrix, "sender": SenderMatrix}[options.side](
            scratch, options.seed, options.pairs, options.group)
        matrix.run(options.only)
    print(f"{matrix.count} cases, {len(matrix.faults)} faults, at most {matrix.memory} MB")
    sys.exit(1 if matrix.faults else 0)


if __name__ == "__main__":
    main()
