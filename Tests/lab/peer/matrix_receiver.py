"""The matrix against `gallery receive --keep`: a process for all cases, a session for each group of them."""
from cases import bases, cases
from loop import ADDRESS, INTERFACE, free_group, free_port, now, open_socket, run, send
from program import FULL, Fault, Late, expect, expect_same, expect_soon, expect_whole, random_files, receiving
from sender import Peer, Sender
from wire import ANNOUNCE, PROVISIONAL

PHASES = ("listening", "probed", "receiving", "completing")
GROUP_SIZE = 12  # cases in one session; a group that shows a fault is tried again one by one
ENOUGH = 3  # cases of a group that are named; and no more than ten times as many in all
QUIET = 1.5  # seconds without a word, after which our sender takes it that the session is over


class PausingSender(Sender):
    """An honest sender that stops before a chunk, or before its close, until the test lets it continue."""

    pause_at, withhold_close, last_complete, linger, flags = None, False, None, 0.01, 0

    def tick_sending(self, time):
        if self.pause_at is not None and self.next_chunk >= self.pause_at and not self.repairs:
            self.send_at = time + 0.005
        else:
            super().tick_sending(time)

    def announce(self):
        self.emit(ANNOUNCE, bytes(150), self.flags, **self.announce_fields())

    def train_count(self):
        count = super().train_count()
        return count if self.pause_at is None else min(count, self.pause_at - self.next_chunk)

    def handle(self, datagram, source):
        self.heard = now()
        super().handle(datagram, source)

    def handle_complete(self, message):
        self.last_complete = message
        if not self.withhold_close:
            super().handle_complete(message)

    def handle_abort(self, message):
        self.peers.setdefault(message.receiver, Peer()).outcome = "left"

    def release(self):
        self.pause_at, self.withhold_close, self.heard = None, False, now()
        if self.last_complete:
            super().handle_complete(self.last_complete)

    def receiver(self):
        return next(iter(self.peers), 1)


class ReceiverMatrix:
    def __init__(self, scratch, seed, pair_count, group=False):
        self.scratch, self.seed, self.pair_count = scratch, seed, pair_count
        self.group = free_group() if group else None
        self.count, self.faults, self.memory, self.session_count = 0, [], 0, 0

    def start(self):
        self.port, self.inbox = free_port(), self.scratch.fresh()
        mode = ("--mode", "multicast", "--group", self.group, "--interface", INTERFACE) if self.group else ()
        self.program = receiving(self.port, self.inbox, "--keep", "--idle-timeout", "1s", "-q", *mode)

    def run(self, only):
        self.start()
        for phase in PHASES:
            for name in bases(self.new_sender().set):
                if only in f"{phase}/{name}":
                    self.run_base(phase, name)
        self.memory = max(self.memory, self.program.memory)
        try:
            expect(self.program.interrupt() == 130, "Ctrl-C does not end a receiver with 130")
        except Fault as fault:
            self.note("end", fault)

    def run_base(self, phase, name):
        file_set = self.new_sender().set
        kind = bases(file_set)[name].kind
        all_cases = cases(kind, (file_set.total,), self.pair_count, self.seed)
        self.count += len(all_cases)
        # An announce decides what a receiver that listens does next, so few of them come to one session. Cases that may
        # end a session are apart from those that must not.
        size = (1 if FULL else 4) if kind == ANNOUNCE and phase in ("listening", "probed") else GROUP_SIZE
        spoiling = [case for case in all_cases if self.spoils(name, case)]
        others = [case for case in all_cases if not self.spoils(name, case)]
        for group in [part[i:i + size] for part in (spoiling, others) for i in range(0, len(part), size)]:
            if len(self.faults) > 10 * ENOUGH:
                return
            fault = self.attempt(phase, name, group)
            if isinstance(fault, Late):
                fault = self.attempt(phase, name, group)
            if fault and len(group) > 1:
                found = 0
                for case in group:
                    fault_alone = self.attempt(phase, name, [case]) if found < ENOUGH else None
                    if fault_alone:
                        found += 1
                        self.note(f"{phase}/{name} {case}", fault_alone)
                if found:
                    continue
            if fault:
                self.note(f"{phase}/{name} {'; '.join(map(str, group))}", fault)

    def note(self, where, fault):
        self.faults.append(f"{where}: {fault}")
        print("FAULT", self.faults[-1], flush=True)

    def attempt(self, phase, name, group):
        """Runs these cases in one session: None, or the fault. After a fault the process is a new one."""
        try:
            getattr(self, phase)(name, group)
            self.program.check()
            return None
        except Fault as fault:
            self.memory = max(self.memory, self.program.memory)
            self.program.kill()
            self.start()
            return fault

    def new_sender(self):
        self.session_count += 1
        files = random_files(2500, 0, 1000, seed=self.session_count, prefix=f"{self.session_count:05}")
        if self.group:
            return PausingSender(open_socket(ADDRESS, interface=ADDRESS), (self.group, self.port), files, mtu=300,
                                 seed=self.session_count, group=True)
        return PausingSender(open_socket(), ("127.0.0.1", self.port), files, mtu=300, seed=self.session_count)

    def inject(self, sender, name, group):
        """Sends the cases in the sender's session and from its address, each with a packet number of its own."""
        make = bases(sender.set)[name]
        for case in group:
            base = make(sender.session, sender.packet, sender.receiver())
            send(sender.socket, case.apply(base), sender.to)
            sender.packet += 1

    # Phases.

    def listening(self, name, group):
        self.inject(self.new_sender(), name, group)
        self.expect_whole("right after a stranger's datagram")

    def probed(self, name, group):
        sender = self.new_sender()
        sender.pause_at = 0
        sender.flags = PROVISIONAL  # of its announces
        expect_soon(run([sender], 30, lambda: sender.peers), "no join for a provisional announce")
        sender.flags = 0
        self.inject(sender, name, group)
        sender.announce()
        self.finish(sender, name == "announce" or any(self.spoils(name, case) for case in group))

    def receiving(self, name, group):
        sender = self.new_sender()
        sender.pause_at = 8
        expect_soon(run([sender], 30, lambda: sender.next_chunk >= 8), "no join")
        self.inject(sender, name, group)
        self.finish(sender, any(self.spoils(name, case) for case in group))

    def completing(self, name, group):
        sender = self.new_sender()
        sender.withhold_close = True
        expect_soon(run([sender], 30, lambda: sender.last_complete), "no complete")
        self.inject(sender, name, group)
        self.finish(sender, False)

    def spoils(self, name, case):
        """Whether it may end the session or spoil a file: an abort, a chunk under another chunk's number."""
        return name == "abort" or name == "data" and any(place[0] == "chunk" for place, _ in case.changes)

    def finish(self, sender, may_end):
        """Lets the session continue. The datagrams sent may end it or spoil a file; then the next session must be whole."""
        sender.release()
        run([sender], 60, lambda: sender.ended or now() - sender.heard > QUIET)
        if sender.whole():
            expect_same(self.inbox, sender.set.files)
        else:
            expect_soon(may_end, "the session did not go on:", [peer.outcome for peer in sender.peers.values()])
            self.expect_whole("after a session that was spoilt")

    def expect_whole(self, what):
        expect_whole(self.new_sender(), self.program, self.inbox, 30, what)
