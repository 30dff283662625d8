"""The matrix against `gallery send`: a process for each group of cases, and for each case that may settle the session."""
import time
from concurrent.futures import ThreadPoolExecutor

from cases import bases, cases
from loop import ADDRESS, INTERFACE, free_group, free_port, microseconds, now, open_socket, run, send
from program import FULL, Fault, Late, expect, expect_soon, random_files, sending
from receiver import Receiver
from wire import COMPLETE, JOIN, FileSet

PHASES = ("announcing", "sending", "ending", "lingering")
GROUP_SIZE = 100  # cases to one process; a group that shows a fault is tried again one by one
SMALL_GROUP_SIZE = 16  # of reports that stand for a while each
ENOUGH = 3  # cases of a group that are named; and no more than ten times as many in all
SECONDS = 100  # in which a process must end
AT_A_TIME = 6  # processes; in groups more, as most of them wait for receivers that never were
WAIT = "20s"  # for the honest receiver, which joins at once: only a busy host makes it late
MTU = 576
ROUND_TRIP = 0.15  # seconds, pretended


class PausingReceiver(Receiver):
    """An honest receiver that sends nothing in one phase, until the test lets it continue."""

    def __init__(self, s, phase, seed):
        super().__init__(s, seed=seed)
        self.phase, self.paused, self.ends, self.first = phase, True, 0, None

    def emit(self, kind, tail=b"", flags=0, **values):
        silent = {"announcing": True, "sending": self.shape is not None and self.held,
                  "ending": kind == COMPLETE, "lingering": False}[self.phase]
        if not (self.paused and silent):
            super().emit(kind, tail, flags, **values)
        elif kind == JOIN:
            self.join_at = now() + 0.01  # a member of a group joins once, so this join is late and not lost

    def join(self):
        if self.phase == "lingering" and not self.held:
            # The answer to the first announce is late and states no hold time. So the round trip is long, and so is the
            # time of lingering.
            self.first = self.first or (self.echo, now())
            if now() < self.first[1] + ROUND_TRIP:
                self.join_at = self.first[1] + ROUND_TRIP
                return
            self.echo, self.echo_time = self.first[0], now()
        super().join()

    def handle_end(self, message):
        self.ends += 1
        super().handle_end(message)

    def there(self):
        return {"announcing": self.session is not None, "sending": len(self.held) > 4,
                "ending": self.ends > 0 and self.files is not None, "lingering": self.closed}[self.phase]


class SenderMatrix:
    def __init__(self, scratch, seed, pair_count, group=False):
        self.group, self.seed, self.pair_count = group, seed, pair_count
        self.count, self.faults, self.memory = 0, [], 0
        self.files = random_files(25000, 0, 15000)
        self.folder = scratch.folder(self.files)
        self.set = FileSet(self.files, MTU - 60)

    def run(self, only):
        jobs = [job for phase in PHASES for name in bases(self.set) if self.sends(name) and only in f"{phase}/{name}"
                for job in self.jobs(phase, name)]
        with ThreadPoolExecutor(2 * AT_A_TIME if self.group else AT_A_TIME) as pool:
            list(pool.map(lambda job: self.run_job(*job), jobs))

    def sends(self, name):
        """In groups only what a receiver sends: each process takes its time there."""
        return not self.group or name.startswith(("join", "nack", "report", "complete", "abort"))

    def jobs(self, phase, name):
        make = bases(self.set)[name]
        near = (self.set.total, len(self.files))
        everything = cases(make.kind, near, self.pair_count, self.seed)
        self.count += len(everything)
        if self.group:
            yield phase, name, everything
            return
        if name in ("abort", "complete-whole", "complete-partial") and phase != "lingering":
            # When the receiver really has everything, its success is true, so a success is no fault in this phase.
            few = [] if name == "complete-whole" and phase == "ending" and not FULL else cases(
                make.kind, near, self.pair_count if FULL else 4, self.seed, header=False, few=not FULL)
            alone = cases(make.kind, near, self.pair_count, self.seed, header=False)
            known = {str(case) for case in alone}
            self.count += len(few) - len(alone)
            yield from ((phase, name, [case]) for case in few)
            everything = [case for case in everything if str(case) not in known]
        size = SMALL_GROUP_SIZE if name == "report" and phase in ("sending", "ending") else GROUP_SIZE
        for first in range(0, len(everything), size):
            yield phase, name, everything[first:first + size]

    def run_job(self, phase, name, group):
        if len(self.faults) > 10 * ENOUGH:
            return
        fault = self.attempt(phase, name, group)
        if isinstance(fault, Late):
            fault = self.attempt(phase, name, group)
        if fault and len(group) > 1:
            found = []
            for case in group:
                fault_alone = self.attempt(phase, name, [case]) if len(found) < ENOUGH else None
                found += [f"{phase}/{name} {case}: {fault_alone}"] if fault_alone else []
            self.note(found or [f"{phase}/{name} {len(group)} cases from {group[0]} on: {fault}"])
        elif fault:
            self.note([f"{phase}/{name} {group[0]}: {fault}"])

    def note(self, faults):
        self.faults += faults
        print("\n".join("FAULT " + fault for fault in faults), flush=True)

    def attempt(self, phase, name, group):
        try:
            to_group = free_group() if self.group else None
            s = open_socket(port=free_port(), group=to_group, interface=ADDRESS) if to_group else open_socket()
            peer = PausingReceiver(s, phase, self.seed)
            mode = ("--mode", "multicast", "--interface", INTERFACE, "--receivers", 1) if to_group else ()
            with sending(self.folder, s.getsockname()[1], "--mtu", MTU, "--wait", WAIT, *mode,
                         address=to_group or "127.0.0.1") as program:
                try:
                    self.session(program, peer, phase, name, group)
                finally:
                    self.memory = max(self.memory, program.memory)
                    peer.socket.close()
            return None
        except Fault as fault:
            return fault

    def session(self, program, peer, phase, name, group):
        expect_soon(run([peer], 60, lambda: peer.there() or program.code() is not None), "the phase was not reached")
        make = bases(self.set)[name]
        for case in group:
            # As new as an honest report; otherwise the sender would drop it as an older one.
            seen = dict(highest=max(peer.highest, 0), datagrams=len(peer.seen), clock=microseconds(), echo=peer.echo)
            base = make(peer.session, peer.packet, peer.id, **seen)
            send(peer.socket, case.apply(base), peer.sender)
            peer.packet += 1
            # Long enough for the timers that look at the last report.
            if name == "report" and case.size is None and len(group) <= SMALL_GROUP_SIZE:
                time.sleep(0.11)
        peer.paused, peer.complete_count = False, 0
        if phase == "ending":
            peer.complete()
        run([peer], SECONDS, lambda: program.code() is not None)
        code = program.wait(SECONDS)
        whole = peer.files == self.files
        # In a group another receiver id is another receiver, which sends nothing after that.
        if self.group and code == 3 and whole:
            return
        may_settle = name in ("abort", "complete-partial", "complete-whole") and phase != "lingering"
        lie = name == "complete-whole" and phase == "ending"  # by a peer that has everything: nobody can tell
        expect(code != 0 or whole or lie, "exit 0, but this receiver has not every file:", len(peer.held), "of",
               self.set.total, "chunks")
        expect(code == 0 or may_settle, f"exit {code} of a session that an honest receiver took part in\n", program.text())
