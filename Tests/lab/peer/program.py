"""Real gallery processes, and the facts that tests check: exit codes, bounds of time and memory, the bytes received."""
import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

from loop import now, run

HERE = os.path.dirname(os.path.abspath(__file__))
GALLERY = os.environ.get("GALLERY", os.path.join(HERE, "../../../.build/release/gallery"))
FULL = bool(os.environ.get("GALLERY_FULL"))  # the long form of each test
MEMORY_BOUND = 256  # MB that no process may exceed, whatever it is sent (CI's own figure is below 60)


class Fault(Exception):
    """A gallery process did something that it must not do."""


class Late(Fault):
    """Something did not happen in its time. On a busy machine this may be by chance, so it is tried again."""


def expect(condition, *what):
    if not condition:
        raise Fault(" ".join(map(str, what)))


def expect_soon(condition, *what):
    if not condition:
        raise Late(" ".join(map(str, what)))


class Program:
    """A gallery process that is watched."""

    def __init__(self, *arguments):
        self.arguments = arguments
        self.output = tempfile.TemporaryFile()
        self.started = now()
        self.process = subprocess.Popen([GALLERY, *map(str, arguments)], stdout=self.output, stderr=subprocess.STDOUT,
                                        stdin=subprocess.DEVNULL, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        self.memory = 0  # MB, the most seen
        self.watcher = threading.Thread(target=self.watch, daemon=True)
        self.watcher.start()

    def watch(self):
        while self.process.returncode is None:
            try:
                with open(f"/proc/{self.process.pid}/status") as file:
                    found = re.search(r"VmHWM:\s+(\d+)", file.read())
                self.memory = max(self.memory, int(found.group(1)) // 1024 if found else 0)
            except OSError:
                return
            threading.Event().wait(0.05)

    def text(self):
        self.output.seek(0)
        lines = re.split(r"[\r\n]+", self.output.read().decode(errors="replace"))
        return "\n".join(line for line in lines if line.strip())[-1500:]

    def text_of_json(self):
        """The summary that --json prints, without other output."""
        self.output.seek(0)
        text = self.output.read().decode(errors="replace")
        return text[text.index("{\n"):text.rindex("\n}") + 2]

    def code(self):
        return self.process.poll()

    def check(self, what=""):
        """It runs, or has ended by its own decision, and its memory is bounded."""
        code = self.code()
        expect(code is None or 0 <= code < 128 or code == 130, f"{self} died with {code}", what, "\n" + self.text())
        expect(self.memory <= MEMORY_BOUND, f"{self} took {self.memory} MB", what)

    def wait(self, seconds, what=""):
        """Its exit code; it must end within this time."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Late(f"{self} did not end within {seconds:.1f} s {what}\n{self.text()}") from None
        self.check(what)
        return self.process.returncode

    def interrupt(self, seconds=60):
        """Ends a process that waits for ever by design."""
        self.process.send_signal(signal.SIGINT)
        return self.wait(seconds, "after Ctrl-C")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __str__(self):
        return "gallery " + " ".join(map(str, self.arguments))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()


def receiving(port, into, *options, seconds=60):
    """`gallery receive`, once it has bound its port."""
    program = Program("receive", "--port", port, "--into", into, *options)
    wanted, end = f":{port:04X} ", now() + seconds
    while now() < end and program.code() is None:
        with open("/proc/net/udp") as v4, open("/proc/net/udp6") as v6:
            if wanted in v4.read() + v6.read():
                return program
        threading.Event().wait(0.01)
    raise Fault(f"{program} did not bind its port\n{program.text()}")


def sending(folder, port, *options, address="127.0.0.1"):
    return Program("send", folder, "--all", "--to", f"{address}:{port}", *options)


class Scratch:
    """A folder of the test's own, removed at its end."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="gallery-hostile-")
        self.count = 0

    def fresh(self, name="inbox"):
        self.count += 1
        return os.path.join(self.path, f"{name}{self.count}")

    def folder(self, files):
        path = self.fresh("set")
        os.makedirs(path)
        for name, content in files.items():
            with open(os.path.join(path, name), "wb") as file:
                file.write(content)
        return path

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["rm", "-rf", self.path], check=False)  # shutil recurses, and names may be 2,000 folders deep


def random_files(*sizes, seed=1, prefix=""):
    """Files of these sizes; names and bytes follow from the seed."""
    generator = random.Random(seed)
    return {f"{prefix}{chr(97 + i)}{size}.bin": generator.randbytes(size) for i, size in enumerate(sizes)}


def expect_same(folder, files, what=""):
    """The folder holds these files with these bytes."""
    for name, content in files.items():
        path = os.path.join(folder, name)
        expect(os.path.exists(path), f"{name} is missing in {folder}", what)
        with open(path, "rb") as file:
            expect(file.read() == content, f"{name} has other bytes", what)


def expect_whole(sender, program, folder, seconds, what):
    """An honest sender's set arrives at a `gallery receive`, whole, within that time."""
    start = now()
    over = run([sender], seconds)
    program.check(what)
    expect_soon(over and sender.whole(), f"an honest transfer {what}: not whole after {now() - start:.1f} s:",
                {hex(key): peer.outcome for key, peer in sender.peers.items()}, sender.state, "\n" + program.text())
    expect_same(folder, sender.set.files, what)
    return now() - start


def attack_main(names):
    """Runs the named attacks (none: all) and prints the result of each. --at-once N: N of them side by side."""
    attacks = {name[7:]: function for name, function in names.items() if name.startswith("attack_") and name != "attack_main"}
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", choices=[*attacks, []], metavar="NAME")
    parser.add_argument("--at-once", type=int, default=1)
    options = parser.parse_args()

    def held(name):
        start, figures, word = now(), "", "held"
        try:
            with Scratch() as scratch:
                figures = attacks[name](scratch) or ""
        except Fault as fault:
            figures, word = fault, "FAULT"
        print(f"{name}: {word} ({now() - start:.1f} s) {figures}", flush=True)
        return word == "held"

    with ThreadPoolExecutor(options.at_once) as pool:
        sys.exit(0 if all(list(pool.map(held, options.names or attacks))) else 1)
