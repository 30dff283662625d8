#!/usr/bin/env python3
"""Programs with one mistake each, made of those that pass `gallery check`; and whether it finds the mistakes.

usage: mutants.py FOLDER [NAME…]     makes the mutants (none named: all) in the folder, and checks them
       mutants.py --cases            prints the cases that no mutant names
A mutant has a case that must fail, shrunk to at most three datagrams. Exit codes: 0 all were found, 1 not.
"""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "../../..")
GALLERY = os.environ.get("GALLERY", os.path.join(TOP, ".build/release/gallery"))
RECEIVER, SENDER, NAIVE, STREAMS, FRAMES = (HERE + "/receiver.py", HERE + "/sender.py", TOP + "/Tools/student/naive.py",
                                            HERE + "/naive_tcp.py", HERE + "/chunked_tcp.py")
TCP = ["--protocol", "naive", "--mode", "tcp"]
# The program, options of the check, the option for the program, and the program's arguments.
COMMANDS = {"receiver": [RECEIVER, [], "--receiver", "{port} {folder}"],
            "sender": [SENDER, [], "--sender", "{host} {port} {folder}"],
            "naive-receiver": [NAIVE, TCP[:2], "--receiver", "receive {port} {folder}"],
            "naive-sender": [NAIVE, TCP[:2], "--sender", "send {host} {port} {folder}"],
            "tcp-receiver": [STREAMS, TCP, "--receiver", "receive {port} {folder}"],
            "tcp-sender": [STREAMS, TCP, "--sender", "send {host} {port} {folder}"],
            "frame-receiver": [FRAMES, TCP[2:], "--receiver", "receive {port} {folder}"],
            "frame-sender": [FRAMES, TCP[2:], "--sender", "send {host} {port} {folder}"]}

CRC_ORDER = ("return zlib.crc32(header, zlib.crc32(datagram[head:]))", "return zlib.crc32(datagram[head:], zlib.crc32(header))")
# Mistakes of what reads frames, which receivers and senders share: name, the case, the texts.
FRAME_MUTANTS = [
    ("one-read", "in-pieces", [("        bytes_ = bytearray()\n", "        return self.socket.recv(count)\n        bytes_ = b''\n")]),
    ("end-is-success", "cut-connection", [("        return 3\n    except OSError", "        return 3 * (error.args[0] != 10)\n    except OSError")]),
    ("reset-is-success", "reset-connection", [("        return 3  # a reset", "        return 0  # a reset")]),
    ("abort-is-success", "abort", [("        return 3\n    except OSError", "        return 3 * (error.args[0] is not None)\n    except OSError")]),
    ("type-unread", "unknown-type",
     [("            raise Refused(7)\n        body", "            return self.hear(*kinds) if kind == 200 else 1 / 0\n        body")]),
    ("no-length-skipped", "no-length",
     [('struct.unpack("!IB", self.exactly(5))', 'struct.unpack("!IB", (self.exactly(4).lstrip(b"\\0") or self.exactly(4).lstrip(b"\\0")).rjust(4, b"\\0") + self.exactly(1))')]),
    ("version-unread", "another-version", [("and body[4] != 2:", "and False:")]),
    ("magic-unread", "another-magic", [(" or kind in (HELLO, WELCOME) and body[:4] != GREETING[:4]:", ":")]),
]
# Side, name, the case that finds it, and each text with the one in its place.
MUTANTS = [
    ("receiver", "crc-order", "whole", [CRC_ORDER]),
    ("receiver", "end-ignored", "lost-last-chunk", [("self.handle_end(int", "(lambda _: None)(int")]),
    ("receiver", "nack-once", "lost-nack",
     [("self.nack_at = time.monotonic() + NACK_AGAIN", "self.nack_at = float('inf')")]),
    ("receiver", "chunk-off-by-one", "last-chunks",
     [("-(-(byte_count + 4) // self.size) if byte_count", "byte_count // self.size + 1 if byte_count")]),
    ("receiver", "crc-unchecked", "damaged-chunk", [('and int.from_bytes(datagram[16:20], "big") == checksum(datagram)', "")]),
    ("receiver", "digest-order", "whole", [('int.from_bytes(digest, "little")', 'int.from_bytes(digest, "big")')]),
    ("receiver", "digest-unread", "wrong-digest", [("if byte_count and zlib.crc32(content) !=", "if False and 0 !=")]),
    ("receiver", "join-once", "lost-join", [("        self.join()\n", "        self.packet or self.join()\n")]),
    ("receiver", "manifest-never-asked", "lost-manifest", [("for chunk in range(self.total):", "for chunk in range(1, self.total):")]),
    ("receiver", "session-unchecked", "another-session",
     [("if self.begun and session != self.session or session not in self.sessions:", "if not self.sessions:")]),
    ("receiver", "length-unchecked", "too-short", [("or not self.fits(chunk, payload) ", "")]),
    ("receiver", "name-unchecked", "hostile-name", [("not is_safe(name) or name <= previous", "False")]),
    ("receiver", "repair-ignored", "lost-chunk", [("        if kind == DATA:\n", "        if kind == DATA and not datagram[3] & 1:\n")]),
    ("receiver", "complete-once", "lost-complete",
     [("self.complete_at = time.monotonic() + COMPLETE_AGAIN", "self.complete_at = float('inf')"),
      ("        if self.complete_at:\n            self.complete()", "        if self.complete_at:\n            pass")]),
    ("sender", "crc-order", "whole", [CRC_ORDER]),
    ("sender", "end-once", "lost-ends",
     [("            self.send_end()\n", "            self.round or self.send_end()\n")]),
    ("sender", "nack-ignored", "lost-chunk", [("            self.handle_nack(datagram)", "            pass")]),
    ("sender", "last-byte-left-out", "last-chunks", [("range(0, len(row), CHUNK_SIZE)", "range(0, max(1, len(row) - 1), CHUNK_SIZE)")]),
    ("sender", "announce-once", "lost-announce", [("            self.announce()\n", "            self.packet or self.announce()\n")]),
    ("sender", "bitmap-unread", "bitmap", [("if datagram[3] & BITMAP:", "if False:")]),
    ("sender", "digest-order", "whole", [('struct.pack("<I", zlib', 'struct.pack(">I", zlib')]),
    ("sender", "empty-file-with-digest", "empty-file", [(" for _, content, _, _ in files if content]", " for _, content, _, _ in files]")]),
    ("sender", "unsorted", "many-files", [("return sorted(files)", "return sorted(files, reverse=True)")]),
    ("sender", "repaired-once", "lost-repair", [("self.last_repair.get(chunk, -1) <= self.nack_highest", "chunk not in self.last_repair")]),
    ("sender", "complete-believed", "early-complete", [("if not is_plausible:", "if False:")]),
    ("sender", "crc-unchecked", "damaged-complete", [('and int.from_bytes(datagram[16:20], "big") == checksum(datagram)', "")]),
    ("naive-receiver", "end-ignored", "images", [("                break", "                continue")]),
    ("naive-receiver", "doubles-dropped", "doubled-image",
     [("            if not image:", "            if count and image == last:\n                continue\n            last = image\n            if not image:")]),
    ("naive-receiver", "short-buffer", "largest", [("s.recvfrom(65_536)", "s.recvfrom(60_000)")]),
    ("naive-receiver", "one-name", "images", [("            count += 1", "            count = 0")]),
    ("naive-receiver", "few-images", "many-images", [("            count += 1", "            count = min(30, count + 1)")]),
    ("naive-sender", "no-end", "images", [('        s.sendto(b"", (host, port))\n', "")]),
    ("naive-sender", "no-wait", "the-wait", [("        time.sleep(WAIT)\n", "")]),
    ("naive-sender", "two-ends", "images", [("        time.sleep(WAIT)\n", '        s.sendto(b"", (host, port))\n')]),
    ("naive-sender", "cut-image", "largest", [("s.sendto(image, (host", "s.sendto(image[:60_000], (host")]),
    ("naive-sender", "last-left-out", "images", [("for _, image in images:", "for _, image in images[:-1]:")]),
    ("tcp-receiver", "first-piece-only", "in-pieces", [("return b\"\".join(pieces)", "return pieces[0] if pieces else b''")]),
    ("tcp-receiver", "answers", "images", [("            if not image:", "            connection.close()\n            if not image:"),
                                           ("    return b\"\".join(pieces)", "    connection.sendall(b'ok')\n    return b\"\".join(pieces)")]),
    ("tcp-receiver", "reset-stored", "reset-connection", [("                    continue  # its sender gave up", "                    image = b'cut'")]),
    ("tcp-receiver", "end-ignored", "early-end", [("                return\n", "                continue\n")]),
    ("tcp-receiver", "cut-dropped", "cut-connection", [("            if not image:", "            if len(image) == 600:\n                continue\n            if not image:")]),
    ("tcp-sender", "no-end", "images", [('    carry(host, port, b"")\n', "")]),
    ("tcp-sender", "one-connection", "images",
     [("            carry(host, port, file.read())", "            whole = whole + file.read()"),
      ("    for name in sorted", "    whole = b\"\"\n    for name in sorted"),
      ('    carry(host, port, b"")', '    carry(host, port, whole)\n    carry(host, port, b"")')]),
    ("frame-receiver", "no-complete", "whole", [("    connection.say(COMPLETE,", "    0 and connection.say(COMPLETE,")]),
    ("frame-receiver", "empty-left-out", "empty-file", [("if zlib.crc32(content) == struct.unpack", "if content and zlib.crc32(content) == struct.unpack")]),
    ("frame-receiver", "few-files", "many-files", [("        if zlib.crc32(content) ==", "        if index < 50 and zlib.crc32(content) ==")]),
    ("frame-receiver", "offset-unread", "another-offset", [('if struct.unpack("!Q", body[4:12])[0] != len(content) or', "if")]),
    ("frame-receiver", "digest-unread", "wrong-digest", [("if zlib.crc32(content) == struct.unpack", "if True or 0 == struct.unpack")]),
    ("frame-receiver", "name-unchecked", "hostile-name", [("not is_safe(name) or found and name <= found[-1][0]", "False")]),
    ("frame-receiver", "identity-unread", "another-identity", [(" or set_identity(manifest) != identity:", ":")]),
    ("frame-receiver", "length-unread", "too-long", [("if not low <= length - 1 <= high:", "if kind not in LENGTHS:")]),
    ("frame-receiver", "end-is-enough", "early-end",
     [("connection.hear(DATA, DIGEST, READING)", "connection.hear(DATA, DIGEST, READING, END)"), ("            if kind == DIGEST:", "            if kind == END:\n                return 0\n            if kind == DIGEST:"),
      ('if struct.unpack("!I", body[:4])[0] != index:', 'if kind != END and struct.unpack("!I", body[:4])[0] != index:')]),
    ("frame-receiver", "end-unread", "false-end", [('if connection.hear(END)[1] != struct.pack("!IQ", file_count, byte_count):', "if not connection.hear(END):")]),
    ("frame-sender", "no-end", "whole", [('    connection.say(END, struct', '    0 and connection.say(END, struct')]),
    ("frame-sender", "digest-order", "one-byte", [('struct.pack("!II", index, zlib.crc32(content))', 'struct.pack("!I", index) + struct.pack("<I", zlib.crc32(content))')]),
    ("frame-sender", "offset-zero", "whole", [('struct.pack("!IQ", index, offset)', 'struct.pack("!IQ", index, 0)')]),
    ("frame-sender", "end-of-all", "empty-file", [('struct.pack("!IQ", sent, sent_bytes)', 'struct.pack("!IQ", len(files), sent_bytes)')]),
    ("frame-sender", "unsorted", "many-files", [("files = read_files(folder)", "files = read_files(folder)[::-1]")]),
    ("frame-sender", "complete-too-early", "early-complete",
     [("    if len(connection.hear(WELCOME)[1]) < 17:\n        raise Refused(7)", "    if connection.hear(WELCOME, COMPLETE)[0] == COMPLETE:\n        return 0")]),
    ("frame-sender", "rest-ignored", "rest-of-the-set", [("for index, start in lacking(connection, files):", "for index, start in lacking(connection, files) and [(at, 0) for at in range(len(files))]:")]),
    ("frame-sender", "overlap-unread", "overlapping-rest", [("if file < end or count == 0 or", "if count == 0 or")]),
    ("frame-sender", "status-unread", "failed-complete", [("return 0 if status == 0 and failed == 0 else 3", "return 0")]),
    ("frame-sender", "counts-unread", "false-complete", [("if verified + failed != len(files) or", "if")]),
    ("frame-sender", "text-unread", "too-long", [(" or body[9] != len(body) - 10:", ":")]),
]
CRC_UNREAD = ('and int.from_bytes(datagram[16:20], "big") == checksum(datagram)', "")
CRC_UNPACKED = ('int.from_bytes(datagram[16:20], "big") == checksum', 'struct.unpack("!I", datagram[16:20])[0] == checksum')
SHORT_READ = ("len(datagram) >= 20 and datagram[0]", "datagram[0]")
LENGTH_UNREAD = ("or not self.fits(chunk, payload) ", "")
NO_END = "            if not image:\n                break\n"
# More of them, so that a case has one that it finds.
MUTANTS += [
    ("receiver", "byte-is-empty", "one-byte", [("if byte_count else 0", "if byte_count > 1 else 0")]),
    ("receiver", "empty-has-chunk", "empty-file", [("if byte_count else 0", "if True else 0")]),
    ("receiver", "first-chunk-of-manifest", "many-files", [('self.chunks[index] for index in range(self.manifest_chunks))\n        files', "self.chunks[index] for index in range(1))\n        files")]),
    ("receiver", "no-folders", "sub-folders", [("            os.makedirs(os.path.dirname(path), exist_ok=True)\n", "")]),
    ("receiver", "first-announce-only", "lost-announce", [("if len(datagram) < 100 or", 'if len(datagram) < 100 or datagram[12:16] != bytes(4) or')]),
    ("receiver", "asks-once", "lost-repair",
     [("self.chunks, self.seen = {}, set()", "self.chunks, self.seen, self.asked = {}, set(), set()"),
      ("            if chunk in self.chunks:\n                continue\n", "            if chunk in self.chunks or chunk in self.asked:\n                continue\n            self.asked.add(chunk)\n")]),
    ("receiver", "first-end-only", "lost-ends", [("elif kind == END and", "elif kind == END and datagram[20:24] == bytes(4) and")]),
    ("receiver", "waits-for-close", "lost-close",
     [("self.complete_at = time.monotonic() + COMPLETE_AGAIN", "self.complete_at = float('inf')"),
      ("        if self.complete_at:\n            self.complete()", "        if self.complete_at:\n            pass"),
      ("self.give_up_at = time.monotonic() + GIVE_UP", "self.give_up_at = None")]),
    ("receiver", "double-is-error", "doubled", [("            self.duplicates += 1\n            return False", '            raise Refused("it was here")')]),
    ("receiver", "late-is-error", "overtaken",
     [("        if chunk in self.chunks:\n            self.dup", "        if self.chunks and chunk < max(self.chunks) and not datagram[3] & 1:\n            raise Refused('late')\n        if chunk in self.chunks:\n            self.dup")]),
    ("receiver", "manifest-first", "overtaken-manifest",
     [("        if chunk in self.chunks:\n            self.dup", "        if self.files is None and chunk >= self.manifest_chunks:\n            raise Refused('no manifest yet')\n        if chunk in self.chunks:\n            self.dup")]),
    ("receiver", "index-believed", "damaged-index", [CRC_UNREAD]),
    ("receiver", "announce-believed", "damaged-announce", [CRC_UNREAD]),
    ("receiver", "end-believed", "damaged-end", [CRC_UNREAD, ("        if total != self.total:\n            return\n", "        self.total = total\n")]),
    ("receiver", "cut-stored", "cut-chunk", [CRC_UNREAD, LENGTH_UNREAD]),
    ("receiver", "nothing-read", "cut-to-nothing", [SHORT_READ]),
    ("receiver", "nineteen-read", "nineteen-bytes",
     [SHORT_READ, CRC_UNPACKED, ("and (datagram[2] not in CARRIES_PAYLOAD or len(datagram) >= 33)\n", "\n")]),
    ("receiver", "version-unread", "another-version", [("and datagram[1] == 2 ", "")]),
    ("receiver", "magic-unread", "another-magic", [("and datagram[0] == 0x47 ", "")]),
    ("receiver", "type-unread", "unknown-type", [("and 1 <= datagram[2] <= 11\n", "\n"), ("kind, session = datagram[2],", "kind, session = range(1, 12)[datagram[2] - 1],")]),
    ("receiver", "beyond-stored", "beyond-the-set", [("chunk >= self.total or not self.fits(chunk, payload) or", "")]),
    ("sender", "byte-is-empty", "one-byte", [("for _, content, _, _ in files if content]", "for _, content, _, _ in files if len(content) > 1]")]),
    ("sender", "announces-no-more", "lost-join", [("            self.announce()\n", "            self.packet or self.announce()\n")]),
    ("sender", "manifest-sent-once", "lost-manifest", [("            if chunk < self.next and", "            if 0 < chunk < self.next and")]),
    ("sender", "join-twice-is-error", "doubled", [("        elif kind == NACK:", "        elif kind == JOIN:\n            self.code = 3\n        elif kind == NACK:")]),
    ("sender", "never-repairs", "damaged-chunk", [("            self.handle_nack(datagram)", "            pass")]),
    ("sender", "cut-nack-read", "cut-nack", [CRC_UNREAD, ("if len(datagram) != 42 + 8 * count:", "if False:")]),
    ("sender", "nothing-read", "cut-to-nothing", [SHORT_READ]),
    ("sender", "nineteen-read", "nineteen-bytes", [SHORT_READ, CRC_UNPACKED, ("and datagram[2] in (JOIN, NACK, REPORT, COMPLETE, ABORT)\n", "\n")]),
    ("sender", "session-unread", "another-session", [("datagram[4:12] != self.session or ", ""),
                                                    ("self.outcome = 0 if status == 0 else 3", 'self.outcome = getattr(self, "outcome", 0 if status == 0 else 3)')]),
    ("sender", "version-unread", "another-version", [("and datagram[1] == 2\n", "\n")]),
    ("sender", "type-unread", "unknown-type",
     [("and datagram[2] in (JOIN, NACK, REPORT, COMPLETE, ABORT)\n", "\n"), ("kind, receiver = datagram[2],", "kind, receiver = range(12)[datagram[2]],")]),
    ("naive-receiver", "first-left-out", "one-image", [(NO_END, NO_END + "            if not count:\n                count = 1\n                continue\n")]),
    ("naive-receiver", "byte-is-end", "one-byte", [("if not image:", "if len(image) < 2:")]),
    ("naive-receiver", "waits-for-four", "lost-image", [(NO_END, NO_END.replace("break", "if count > 3:\n                    break\n                continue"))]),
    ("naive-receiver", "waits-for-three", "lost-images", [(NO_END, NO_END.replace("break", "if count > 2:\n                    break\n                continue"))]),
    ("naive-receiver", "ends-at-four", "early-end", [(NO_END, NO_END.replace("break", "if count > 3:\n                    break\n                continue"))]),
    ("naive-receiver", "by-size", "overtaken-image", [('f"image-{count:04}.jpg"', 'f"image-{len(image):06}.jpg"')]),
    ("naive-receiver", "short-dropped", "cut-image", [(NO_END, NO_END + "            if len(image) < 20:\n                continue\n")]),
    ("naive-receiver", "end-twice-is-error", "doubled-end",
     [('    print(f"{count} images', '        s.settimeout(0.5)\n        try:\n            s.recvfrom(9)\n            sys.exit(1)\n        except TimeoutError:\n            pass\n    print(f"{count} images')]),
    ("naive-sender", "two-at-least", "one-image", [("        for _, image in images:", "        if len(images) < 2:\n            sys.exit(0)\n        for _, image in images:")]),
    ("naive-sender", "byte-refused", "one-byte", [("if not 0 < len(image)", "if not 1 < len(image)")]),
    ("naive-sender", "few-images", "many-images", [("for _, image in images:", "for _, image in images[:30]:")]),
    ("tcp-receiver", "first-left-out", "one-image", [("            count += 1", "            os.remove(os.path.join(folder, 'image-0000.jpg')) if not count else None\n            count += 1")]),
    ("tcp-receiver", "byte-is-end", "one-byte", [("            if not image:", "            if len(image) < 2:")]),
    ("tcp-receiver", "short-buffer", "large-image", [("    return b\"\".join(pieces)", "    return b\"\".join(pieces)[:200_000]")]),
    ("tcp-receiver", "few-images", "many-images", [("            count += 1", "            count = min(10, count + 1)")]),
    ("tcp-sender", "two-at-least", "one-image", [("    for name in sorted(os.listdir(folder)):", "    for name in sorted(os.listdir(folder))[:len(os.listdir(folder)) // 2 * 9]:")]),
    ("tcp-sender", "byte-refused", "one-byte", [("            carry(host, port, file.read())", "            image = file.read()\n            image[1:] and carry(host, port, image)")]),
    ("tcp-sender", "short-buffer", "large-image", [("file.read()", "file.read(200_000)")]),
    ("tcp-sender", "few-images", "many-images", [("sorted(os.listdir(folder))", "sorted(os.listdir(folder))[:15]")]),
    ("frame-receiver", "byte-left-out", "one-byte", [("if zlib.crc32(content) == struct.unpack", "if len(content) != 1 and zlib.crc32(content) == struct.unpack")]),
]
MUTANTS += [(side, *mutant) for side in ("frame-receiver", "frame-sender") for mutant in FRAME_MUTANTS]


def make(folder, side, name, changes):
    """The mutant's path."""
    with open(COMMANDS[side][0]) as file:
        text = file.read()
    for old, new in changes:
        if old not in text:
            sys.exit(f"{side} {name}: there is no {old!r} in {COMMANDS[side][0]}")
        text = text.replace(old, new)
    text = text.replace("import os\n", f"import os\nimport sys\nsys.path.insert(0, {HERE!r})\n", 1)  # what it imports of ours
    path = f"{folder}/{side}-{name}.py"
    with open(path, "w") as file:
        file.write(text)
    return path


def found(folder, side, name, case, changes):
    """Checks one mutant. Nil when its mistake was found, or else what is wrong."""
    path = make(folder, side, name, changes)
    _, options, option, words = COMMANDS[side]
    # The limit is what a program that hangs costs. A sound one that is slower than that fails as well.
    command = [GALLERY, "check", *options, option, f"python3 {path} {words}", "--case", case, "--json", "--time-limit", "5s"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 1:
        return f"exit code {run.returncode}\n{run.stdout}{run.stderr}"
    output = json.loads(run.stdout)["tests"][0]["output"]
    enough = [line.partition(": ")[2].split("; ") for line in output.split("\n") if line.startswith("it is enough")]
    if enough and len(enough[0]) > 3 or not enough and "it fails too when no datagram" not in output:
        return output
    print(f"{side} {name}: {'; '.join(enough[0]) if enough else 'fails in any case'}", flush=True)
    return None


def unnamed():
    """For each kind of program the cases that no mutant names."""
    for side, (_, options, option, _) in COMMANDS.items():
        listed = subprocess.run([GALLERY, "check", "--list", "--json", *options], capture_output=True, text=True, check=True)
        cases = [one["name"] for one in json.loads(listed.stdout) if one["side"] == option[2:]]
        print(f"{side}: {', '.join(sorted(set(cases) - {mutant[2] for mutant in MUTANTS if mutant[0] == side})) or 'none'}")


def main():
    if sys.argv[1:] == ["--cases"]:
        return unnamed()
    folder, names = sys.argv[1], sys.argv[2:]
    wanted = [mutant for mutant in MUTANTS if not names or f"{mutant[0]}/{mutant[1]}" in names]
    if names and len(wanted) != len(names):
        sys.exit(f"no such mutant among {names}")
    with ThreadPoolExecutor(3) as pool:  # they mostly wait
        results = list(pool.map(lambda mutant: found(folder, *mutant), wanted))
    faults = [f"{mutant[0]} {mutant[1]}: {result}" for mutant, result in zip(wanted, results) if result]
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
