#!/usr/bin/env python3
"""Manifests of extreme values, hostile names and contradictions, with their true identity, against `gallery receive --keep`.

usage: manifests.py [--at-once N] [NAME…]. Prints figures, and ends with 1 when the receiver did what it must not.
"""
import itertools
import os
import struct
import zlib

import wire
from cases import values
from loop import now, run
from program import FULL, attack_main, expect, expect_whole
from attacks_on_receiver import Scene
from matrix_receiver import PausingSender

ENTRY = [("size", "Q", 8), ("modified", "q", 8), ("mode", "H", 2), ("name_size", "H", 2)]


class ManifestSender(PausingSender):
    """Sends a manifest of arbitrary bytes. The announce states its files as far as that is possible."""

    def use(self, manifest, sizes):
        self.set.manifest, chunk_size = manifest, self.set.chunk_size
        contents = [bytes(size) for size in sizes if 0 < size < 100_000]
        streams = [manifest] + [content + zlib.crc32(content).to_bytes(4, "little") for content in contents]
        self.set.places = [(stream, offset) for stream in streams for offset in range(0, len(stream), chunk_size)]
        self.set.total = len(self.set.places)
        chunk_count = sum(wire.ceil_div(size + 4, chunk_size) for size in sizes if size)
        announced = dict(identity=int.from_bytes(wire.set_identity(manifest), "big"), file_bytes=sum(sizes),
                         file_chunks=chunk_count, manifest_size=len(manifest), files=len(sizes), chunk_size=chunk_size)
        self.set.files = dict.fromkeys(range(len(sizes)), b"")
        self.set.announce_fields = lambda: announced
        self.send_end = lambda: None

    def silent(self):
        return self.ended or now() - self.heard > 0.4


def entry(name=b"a", size=0, modified=0, mode=0o644, name_size=None):
    return struct.pack("!QQHH", size % 2**64, modified % 2**64, mode,
                       len(name) if name_size is None else name_size) + name


def manifest(*entries, magic=b"GMF1", count=None):
    return magic + struct.pack("!I", len(entries) if count is None else count) + b"".join(entries)


def present(scene, hostile, sizes):
    """Sends one; the receiver may take or refuse it."""
    sender = scene.sender(make=ManifestSender)
    sender.use(hostile, sizes)
    run([sender], 30, sender.silent)
    scene.program.check(hostile[:100].hex())
    sender.socket.close()
    return sender.whole()


def outside(scratch, scene):
    """Files beside the inbox. There must be none."""
    inbox = os.path.basename(scene.inbox)
    return [name for name in os.listdir(scratch.path) if name != inbox and not name.startswith("inbox")]


def attack_fields(scratch):
    """Each field of the manifest and of its entries with each extreme value, and pairs of an entry's fields."""
    scene = Scene(scratch, "--keep", "--idle-timeout", "1s", "-q")
    count = 0
    for value in values("count", 4, (1,)):
        present(scene, manifest(entry(b"c", 5), count=value), [5])
        count += 1
    choices = {name: values(name, size, (5,)) for name, _, size in ENTRY}
    for name, _, _ in ENTRY:
        for value in choices[name]:
            present(scene, manifest(entry(**{"name": b"f", "size": 5, name: value})), [value if name == "size" else 5])
            count += 1
    for one, other in itertools.combinations([name for name, _, _ in ENTRY], 2):
        for first, second in ((0, -1), (-1, 0), (-1, -1)):
            fields = {one: choices[one][2 if first else 0], other: choices[other][2 if second else 0]}
            present(scene, manifest(entry(**{"name": b"p", "size": 5, **fields})), [fields.get("size", 5)])
            count += 1
    scene.whole(60, "after extreme manifests")
    return f"{count} manifests, at most {scene.program.memory} MB"


def attack_names(scratch):
    """Names that lead out of the inbox, or that are invalid."""
    scene = Scene(scratch, "--keep", "--idle-timeout", "1s", "-q")
    os.makedirs(scene.inbox, exist_ok=True)
    target = scratch.fresh("elsewhere")
    os.makedirs(target)
    os.symlink(target, os.path.join(scene.inbox, "link"))
    names = [b"../escaped", b"/tmp/gallery-escaped", b"a/../../escaped", b"..", b".", b"", b"a//b", b"/", b"a/", b"./a", b"\0", b"a\0b",
             b"link/escaped", b"link", b"x" * 255, b"x" * 256, b"d/" * 2000 + b"e", b"y" * 4096, b"\xff\xfe", b"\xc3",
             b"\x1b[2J", "\u202egpj".encode(), b"a\nb", b".gallery-x/y", b"~", b"-rf", b"con\\..\\..\\x"]
    for name in names:
        present(scene, manifest(entry(name, 5)), [5])
    present(scene, manifest(entry(b"same", 5), entry(b"same", 5)), [5, 5])
    present(scene, manifest(entry(b"z", 5), entry(b"b", 5)), [5, 5])
    present(scene, manifest(entry(b"t", 5), entry(b"t/u", 5)), [5, 5])
    expect(os.listdir(target) == [], "a symbolic link was followed:", os.listdir(target))
    there = [path for path in ("/tmp/gallery-escaped", os.path.join(scratch.path, "escaped")) if os.path.exists(path)]
    expect(not there, "outside the inbox:", there)
    scene.whole(60, "after hostile names")
    return f"{len(names) + 3} manifests"


def attack_contradictions(scratch):
    """Manifests that differ from the announce."""
    scene = Scene(scratch, "--keep", "--idle-timeout", "1s", "-q")
    good = manifest(entry(b"k", 5))
    for hostile, sizes in ((good, [6]), (good, [5, 5]), (good[:-1], [5]), (good + b"x", [5]), (good[:8], [5]),
                           (b"GMF2" + good[4:], [5]), (manifest(entry(b"k", 5), count=2), [5]), (manifest(), []),
                           (bytes(40), [5]), (manifest(entry(b"k", 2**63), entry(b"l", 2**63)), [2**62, 2**62])):
        expect(not present(scene, hostile, sizes) or hostile == manifest(), "taken:", hostile.hex())
    expect(present(scene, good, [5]), "a good one is refused")
    scene.whole(60, "after manifests that are not what was announced")


def attack_many_empty_files(scratch):
    """Each file of a manifest that is nothing but names is there at the end, and costs little memory."""
    count = 2_000_000 if FULL else 20_000
    scene = Scene(scratch, "-q")
    sender = scene.sender(make=ManifestSender)
    sender.use(manifest(*(entry(b"%07d.jpg" % index) for index in range(count))), [0] * count)
    start = now()
    run([sender], 300, lambda: sender.ended or scene.program.code() is not None)
    expect(scene.program.wait(300) == 0, "exit", scene.program.code(), scene.program.text())
    expect(len(os.listdir(scene.inbox)) == count, len(os.listdir(scene.inbox)), "of", count, "files")
    return f"{count} files in {now() - start:.1f} s, at most {scene.program.memory} MB"


if __name__ == "__main__":
    attack_main(globals())
