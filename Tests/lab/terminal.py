#!/usr/bin/env python3
"""Runs a command in a terminal of its own, and presses Enter when its output has a text. usage: terminal.py TEXT COMMAND…

Prints what the command prints, and ends with its exit code.
"""
import os
import pty
import sys

wanted, command = sys.argv[1].encode(), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
said, pressed = b"", False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:  # the terminal ends with its last program
        break
    said += part
    sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()
    if wanted in said and not pressed:
        os.write(terminal, b"\n")
        pressed = True
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256)
