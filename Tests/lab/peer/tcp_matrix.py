#!/usr/bin/env python3
"""Hostile bytes over TCP, chunked and naive, against real `gallery send` and `gallery receive` processes.

    tcp_matrix.py GALLERY [FILTER]

Chunked: a program between a real sender and a real receiver passes their frames on (Specs/chunked-tcp.md §3) and changes
one thing on the way: a field of a frame to an extreme value, a frame left out, repeated, cut or put in where none belongs.
So both sides meet every frame from the other one, in the phase in which it comes. Then:
  - no process dies of a signal, and each ends within a bound;
  - exit code 0 only when every file is stored as it was sent, and the change was one that means nothing;
  - a receiver that still waits serves the next, honest sender whole.
A receiver with --keep serves one case after the other, and tells the exit code of each session as an event.
Naive: a receiver and a sender meet connections and datagrams that no naive program makes.

Prints what failed, and how many cases there were. Exit code 1 when one failed.
"""
import concurrent.futures
import json
import os
import queue
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

GALLERY = sys.argv[1]
FILTER = sys.argv[2] if len(sys.argv) > 2 else ""
BOUND = 120  # seconds in which each process must end
WORK = tempfile.mkdtemp(prefix="gallery-tcp-")
HELLO, WELCOME, MANIFEST, DATA, DIGEST, END, COMPLETE, ABORT, REPORT, REST, READING = range(1, 12)
NAMES = "- hello welcome manifest data digest end complete abort report rest reading".split()
TO_RECEIVER, TO_SENDER = "receiver", "sender"

# Each frame's fields: name, offset in the body, bytes. A field in MEANINGLESS may be anything, or anything but 0.
FIELDS = {
    HELLO: [("magic", 0, 4), ("version", 4, 1), ("zeros", 5, 3), ("session id", 8, 8), ("identity", 16, 8),
            ("identity's rest", 24, 8), ("manifest bytes", 32, 4), ("files", 36, 4), ("file bytes", 40, 8)],
    WELCOME: [("magic", 0, 4), ("version", 4, 1), ("zeros", 5, 3), ("receiver id", 8, 8), ("text", 16, 1)],
    MANIFEST: [("first bytes", 0, 8), ("next bytes", 8, 8)],
    DATA: [("file", 0, 4), ("offset", 4, 8)],
    DIGEST: [("file", 0, 4), ("checksum", 4, 4)],
    END: [("files", 0, 4), ("bytes", 4, 8)],
    COMPLETE: [("verified", 0, 4), ("failed", 4, 4), ("status", 8, 1), ("text", 9, 1)],
    REPORT: [("bytes", 0, 8), ("files", 8, 4), ("missing KiB", 12, 4)],
    REST: [("last", 0, 1), ("file", 1, 4), ("count", 5, 4), ("offset", 9, 8)],
    READING: [],
    ABORT: [("reason", 0, 1), ("text", 1, 1)],
}
# Frames that a short, honest transfer does not have, and before which ones they are put in.
OWN = {REPORT: [COMPLETE], ABORT: [DATA, COMPLETE], READING: [DIGEST, END]}
MEANINGLESS = {(HELLO, "zeros"), (WELCOME, "zeros")}
ANY_BUT_ZERO = {(HELLO, "session id"), (WELCOME, "receiver id")}
# A receiver's progress reports do not decide about success.
ADVISORY = {(REPORT, "bytes"), (REPORT, "files"), (REPORT, "missing KiB")}


def frame(kind, body):
    return struct.pack(">IB", len(body) + 1, kind) + body


def text(words):
    return bytes([len(words)]) + words


# Frames that are well formed, to be put in where none belongs.
STRAY = {
    HELLO: frame(HELLO, b"GLRY\2\0\0\0" + b"\1" * 24 + struct.pack(">IIQ", 8, 0, 0)),
    WELCOME: frame(WELCOME, b"GLRY\2\0\0\0" + b"\1" * 8 + text(b"stray")),
    MANIFEST: frame(MANIFEST, b"\0" * 8),
    DATA: frame(DATA, struct.pack(">IQ", 0, 0) + b"x"),
    DIGEST: frame(DIGEST, struct.pack(">II", 0, 0)),
    END: frame(END, struct.pack(">IQ", 0, 0)),
    COMPLETE: frame(COMPLETE, struct.pack(">IIB", 3, 0, 0) + text(b"")),
    ABORT: frame(ABORT, b"\7" + text(b"stray")),
    REPORT: frame(REPORT, struct.pack(">QII", 70_001, 1, 0)),
    REST: frame(REST, struct.pack(">BIIQ", 1, 0, 3, 0)),
    READING: frame(READING, b""),
}


def extremes(honest, byte_count):
    top = 256**byte_count - 1
    values = [0, 1, top, top - 1, top >> 1, (top >> 1) + 1, (honest + 1) & top]
    return [value for value in dict.fromkeys(values) if value != honest]


class Change:
    """One thing that is changed in the first frame of a type that goes to one side. `apply` gives the bytes to pass on in its
    place, and whether the connection is closed behind them."""

    def __init__(self, name, kind, apply, may_succeed=False, towards=None):
        self.name, self.kind, self.apply, self.may_succeed = name, kind, apply, may_succeed
        self.towards = towards or (TO_SENDER if kind in (WELCOME, COMPLETE, REPORT, REST) else TO_RECEIVER)


def field_values(kind, raw):
    """Each field at each extreme: (what, where in the frame, bytes, whether it may still be a success)."""
    for name, offset, byte_count in [("length", -5, 4), ("type", -1, 1)] + FIELDS[kind]:
        at = offset + 5
        honest = int.from_bytes(raw[at : at + byte_count], "big")
        for value in extremes(honest, byte_count):
            harmless = (kind, name) in MEANINGLESS | ADVISORY or (kind, name) in ANY_BUT_ZERO and value > 0
            yield f"{NAMES[kind]}, {name} = {value}", at, value.to_bytes(byte_count, "big"), harmless


def overwritten(raw, at, field):
    return raw[:at] + field + raw[at + len(field) :]


def changes(captured):
    """All of them; `captured`: one honest frame of each type."""
    yield Change("nothing", None, lambda raw: (raw, False), may_succeed=True)
    for kind in FIELDS:
        if kind in OWN:
            # A short transfer has no report and no abort: they are put in before what comes last, or in the middle.
            for trigger in OWN[kind]:
                for what, at, field, harmless in field_values(kind, STRAY[kind]):
                    bytes_ = overwritten(STRAY[kind], at, field)
                    yield Change(
                        f"{what}, before {NAMES[trigger]}", trigger, lambda raw, b=bytes_: (b + raw, False), harmless)
            continue
        for what, at, field, harmless in field_values(kind, captured[kind]):
            yield Change(
                what, kind, lambda raw, at=at, field=field: (overwritten(raw, at, field), False), harmless)
        yield Change(f"{NAMES[kind]} left out", kind, lambda raw: (b"", False))
        # Bytes behind the end and behind the complete are not read.
        yield Change(f"{NAMES[kind]} twice", kind, lambda raw: (raw + raw, False), kind in (END, COMPLETE))
        yield Change(f"{NAMES[kind]} cut", kind, lambda raw: (raw[: len(raw) // 2], True))
        yield Change(f"{NAMES[kind]} and no more", kind, lambda raw: (raw, True), kind in (END, COMPLETE))
        for stray, bytes_ in STRAY.items():
            yield Change(
                f"{NAMES[stray]} before {NAMES[kind]}", kind, lambda raw, b=bytes_: (b + raw, False),
                kind == COMPLETE and stray in (REPORT, COMPLETE) or kind == REST and stray == REPORT)


class Relay:
    """Passes one connection on, frame by frame, with one change."""

    def __init__(self, port, change, capture=None):
        self.port_behind, self.change, self.capture = port, change, capture
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(BOUND)
        self.port = self.listener.getsockname()[1]
        self.is_done = False
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        try:
            front, _ = self.listener.accept()
            self.listener.close()
            back = socket.create_connection(("127.0.0.1", self.port_behind), BOUND)
        except OSError:
            return
        for each in (front, back):
            each.settimeout(BOUND)
        threads = [
            threading.Thread(target=self.pass_on, args=(front, back, TO_RECEIVER), daemon=True),
            threading.Thread(target=self.pass_on, args=(back, front, TO_SENDER), daemon=True),
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        front.close()
        back.close()

    def pass_on(self, source, target, towards):
        try:
            while True:
                head = self.exactly(source, 5)
                raw = head + self.exactly(source, struct.unpack(">I", head[:4])[0] - 1)
                kind, closes = head[4], False
                if self.capture is not None:
                    self.capture.setdefault(kind, raw)
                if not self.is_done and kind == self.change.kind and towards == self.change.towards:
                    self.is_done = True
                    raw, closes = self.change.apply(raw)
                target.sendall(raw)
                if closes:
                    break
        except (OSError, EOFError):
            pass
        try:
            target.shutdown(socket.SHUT_WR)
            while source.recv(65_536):
                pass
        except OSError:
            pass

    @staticmethod
    def exactly(source, count):
        pieces = b""
        while len(pieces) < count:
            piece = source.recv(count - len(pieces))
            if not piece:
                raise EOFError
            pieces += piece
        return pieces


class Failure(Exception):
    pass


def make_set():
    folder = os.path.join(WORK, "set")
    os.mkdir(folder)
    for name, size in [("a.jpg", 1_300_000), ("b.jpg", 1), ("c.jpg", 70_000)]:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(os.urandom(size))
    return folder


def is_whole(inbox):
    try:
        names = sorted(name for name in os.listdir(inbox) if not name.startswith("."))
        return names == sorted(os.listdir(SET)) and all(
            open(os.path.join(inbox, name), "rb").read() == open(os.path.join(SET, name), "rb").read() for name in names)
    except OSError:
        return False


def start(*arguments, log):
    return subprocess.Popen([GALLERY, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def start_receiver(folder, log, *arguments):
    ready = os.path.join(folder, "ready")
    receiver = start(
        "receive", "--bind", "127.0.0.1", "--port", "0", "--ready-file", ready, "--into", os.path.join(folder, "in"),
        *arguments, log=log)
    return receiver, port_of(receiver, ready)


def port_of(receiver, ready):
    end = time.monotonic() + BOUND
    while not os.path.exists(ready):
        if receiver.poll() is not None or time.monotonic() > end:
            raise Failure("the receiver did not listen")
        time.sleep(0.005)
    return int(open(ready).read())


def finish(process, who):
    try:
        code = process.wait(BOUND)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise Failure(f"the {who} did not end within {BOUND} s") from None
    if code < 0 or code >= 128:
        raise Failure(f"the {who} died: exit code {code}")
    return code


class KeptReceiver:
    """A `gallery receive --keep`. Each worker has one, and takes a new one when the state of its own is unknown."""

    mine = threading.local()
    all = []

    def __init__(self):
        self.folder = tempfile.mkdtemp(dir=WORK)
        self.inbox, ready = os.path.join(self.folder, "in"), os.path.join(self.folder, "ready")
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [GALLERY, "receive", "--bind", "127.0.0.1", "--port", "0", "--ready-file", ready, "--into", self.inbox,
                 "--mode", "tcp", "--no-resume", "--idle-timeout", "1s", "--keep", "--json-lines"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        self.codes = queue.Queue()  # of each session that ended; None when the process has
        threading.Thread(target=self.hear, daemon=True).start()
        self.port = port_of(self.process, ready)
        KeptReceiver.all.append(self)

    @classmethod
    def of_this_worker(cls):
        if not hasattr(cls.mine, "one"):
            cls.mine.one = cls()
        return cls.mine.one

    def hear(self):
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == "end":
                self.codes.put(event["exitCode"])
        self.codes.put(None)

    def session_code(self, seconds):
        """The exit code of the next session that ends; None when none does within that time."""
        try:
            code = self.codes.get(timeout=seconds)
        except queue.Empty:
            return None
        if code is None:
            raise Failure(f"the receiver died: exit code {self.process.wait(BOUND)}")
        return code

    def make_room(self):
        for name in os.listdir(self.inbox) if os.path.isdir(self.inbox) else []:
            if not name.startswith("."):
                os.remove(os.path.join(self.inbox, name))

    def drop(self):
        """Ends it, as a user does, and gives the worker's next case another one."""
        del self.mine.one
        self.end()

    def end(self):
        KeptReceiver.all.remove(self)
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(BOUND)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if code != 130:
            raise Failure(f"the receiver ended with {code} upon Ctrl-C")


def chunked(change, capture=None):
    """One transfer with one change."""
    receiver = KeptReceiver.of_this_worker()
    try:
        transfer(receiver, change, capture)
    except Exception:
        receiver.drop()
        raise


def transfer(receiver, change, capture):
    receiver.make_room()
    relay, honest_code = Relay(receiver.port, change, capture), None
    with open(os.path.join(receiver.folder, "sender.log"), "wb") as log:
        sender = start("send", SET, "--mode", "tcp", "--to", f"127.0.0.1:{relay.port}", "--wait", "100s", log=log)
        sent = finish(sender, "sender")
        if change.kind is not None and not relay.is_done:
            raise Failure(f"no {NAMES[change.kind]} came")
        received = receiver.session_code(0.1)
        if received is None:
            # A receiver that turned the connection away waits for another one, and takes an honest sender.
            honest = start("send", SET, "--mode", "tcp", "--to", f"127.0.0.1:{receiver.port}", "--wait", "0s", log=log)
            honest_code = finish(honest, "honest sender")
            received = receiver.session_code(BOUND)
            if honest_code == 0 and received not in (None, 0):
                received = receiver.session_code(BOUND)  # the first one was that of the connection with the change
            if received is None:
                raise Failure(f"no session ended within {BOUND} s")
    whole = is_whole(receiver.inbox)
    if change.kind is None and (sent != 0 or received != 0 or not whole):
        raise Failure(f"an honest transfer failed: {sent}, {received}")
    if honest_code == 0 and (received != 0 or not whole):
        raise Failure("the honest sender's files are not there")
    if 0 in (sent, received) and not whole:
        raise Failure(f"sender {sent}, receiver {received}, but not every file is there")
    if sent == 0 and not change.may_succeed:
        raise Failure("the sender calls it a success")
    if received == 0 and honest_code != 0 and change.towards == TO_RECEIVER and not change.may_succeed:
        raise Failure("the receiver calls it a success")
    if honest_code not in (None, 0):
        receiver.drop()  # a session of the honest sender may still end


def stream(port, payload, how="fin"):
    with socket.create_connection(("127.0.0.1", port), BOUND) as one:
        one.sendall(payload)
        if how == "reset":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif how == "half":
            one.shutdown(socket.SHUT_WR)
            one.settimeout(BOUND)
            while one.recv(4_096):
                pass


def naive_receiver(mode, say, images, code):
    """The result of strange bytes at a naive receiver: this many images, and this exit code."""
    folder = tempfile.mkdtemp(dir=WORK)
    with open(os.path.join(folder, "log"), "wb") as log:
        receiver, port = start_receiver(
            folder, log, "--protocol", "naive", "--mode", mode, "--idle-timeout", "1s", "--wait", "5s")
        try:
            say(port)
            received = finish(receiver, "receiver")
        finally:
            if receiver.poll() is None:
                receiver.kill()
                receiver.wait()
    names = os.listdir(os.path.join(folder, "in"))
    if received != code or len(names) != images or any(not name.endswith(".jpg") for name in names):
        raise Failure(f"exit code {received} with {len(names)} images; expected {code} with {images}")
    shutil.rmtree(folder)


def datagrams(*payloads):
    def say(port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            for payload in payloads:
                one.sendto(payload, ("127.0.0.1", port))
    return say


def streams(*parts):
    def say(port):
        for payload, how in parts:
            try:
                stream(port, payload, how)
            except ConnectionError:
                pass
    return say


def naive_sender(answer):
    """A naive sender over TCP whose receiver does not read: the sender must not report a success."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()
    listener.settimeout(0.2)

    def serve():
        held = []
        while not stop.is_set():
            try:
                one, _ = listener.accept()
                held.append(one)
                answer(one)
            except OSError:
                continue
        for one in held:
            one.close()

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    with open(os.path.join(WORK, "naive-sender.log"), "ab") as log:
        sender = start(
            "send", SET, "--protocol", "naive", "--mode", "tcp", "--to", f"127.0.0.1:{listener.getsockname()[1]}", log=log)
        try:
            code = finish(sender, "sender")
        finally:
            stop.set()
            server.join()
            listener.close()
    if code == 0:
        raise Failure("the sender calls it a success")


def close_with_reset(one):
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.close()


def garbage_and_reset(one):
    one.sendall(os.urandom(100_000))
    close_with_reset(one)


JPEG = b"\xff\xd8\xff" + os.urandom(1_000)
CHUNKED = b"G\1" + os.urandom(40)
NAIVE = [
    ("naive UDP, nothing but the end", lambda: naive_receiver("unicast", datagrams(b""), 0, 3)),
    ("naive UDP, one byte", lambda: naive_receiver("unicast", datagrams(b"x", b""), 1, 0)),
    ("naive UDP, the largest datagram", lambda: naive_receiver("unicast", datagrams(os.urandom(65_507), b""), 1, 0)),
    ("naive UDP, chunked datagrams", lambda: naive_receiver("unicast", datagrams(CHUNKED, CHUNKED, JPEG, b""), 1, 0)),
    ("naive UDP, no end", lambda: naive_receiver("unicast", datagrams(JPEG), 1, 3)),
    ("naive UDP, chunked only, no end", lambda: naive_receiver("unicast", datagrams(CHUNKED), 0, 6)),
    ("naive UDP, an end twice", lambda: naive_receiver("unicast", datagrams(JPEG, b"", b""), 1, 0)),
    ("naive TCP, nothing but the end", lambda: naive_receiver("tcp", streams((b"", "half")), 0, 3)),
    ("naive TCP, a reset", lambda: naive_receiver("tcp", streams((JPEG, "reset"), (JPEG, "half"), (b"", "half")), 1, 3)),
    ("naive TCP, chunked frames", lambda: naive_receiver("tcp", streams((STRAY[HELLO], "half"), (b"", "half")), 1, 0)),
    ("naive TCP, no end", lambda: naive_receiver("tcp", streams((JPEG, "half")), 1, 3)),
    ("naive TCP, resets only", lambda: naive_receiver("tcp", streams(*[(JPEG, "reset")] * 20), 0, 6)),
    ("naive TCP sender, closed at once", lambda: naive_sender(lambda one: one.close())),
    ("naive TCP sender, reset at once", lambda: naive_sender(close_with_reset)),
    ("naive TCP sender, garbage and a reset", lambda: naive_sender(garbage_and_reset)),
]


def main():
    captured = {}
    chunked(Change("honest", None, None, may_succeed=True), captured)
    jobs = [(f"chunked: {change.name}", lambda change=change: chunked(change)) for change in changes(captured)]
    jobs += NAIVE
    jobs = [job for job in jobs if FILTER in job[0]]
    failures = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=6) as pool:
        futures = {pool.submit(job): name for name, job in jobs}
        for future in concurrent.futures.as_completed(futures):
            try:
                future.result()
            except Exception as error:  # whatever it was, it is this case's failure
                failures.append(f"{futures[future]}: {error}")
    for receiver in list(KeptReceiver.all):
        try:
            receiver.end()
        except Failure as error:
            failures.append(f"after Ctrl-C: {error}")
    for line in sorted(failures):
        print(line)
    print(f"{len(jobs)} cases, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    SET = make_set()
    try:
        code = main()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    sys.exit(code)
