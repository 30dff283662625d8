#!/usr/bin/env python3
"""Runs every command that README.md, the guide with its sheets, and the help texts print, as printed.

  documented.py list SOURCE…             the commands found, one a line
  documented.py run LAB PART SOURCE…     runs those of one part in a lab of four hosts (documented.sh brings it up):
                                         `net` what sends and receives through the lab, one after the other; `rest`
                                         everything else, side by side

The commands of the sheets that Tools/sheet-figures runs are left to it, because it also compares what they print.

SOURCE is a Markdown file, or `help`: the examples of every subcommand's --help. A command of `send`, `receive` or `show`
gets the other side it needs: the one that is printed directly before it, or else one made up from its own options.
Exits 1 when a command ended with another exit code than it should, or when one belongs to no part."""

import concurrent.futures, functools, os, re, resource, shlex, shutil, signal, subprocess, sys, tempfile, time

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
GALLERY = REPOSITORY + "/.build/release/gallery"
SUBCOMMANDS = ["", "send", "receive", "show", "view", "compare", "study", "study merge", "account", "doctor", "trace",
               "impair", "impairments", "check", "key", "key new"]
# The host of each address in the lab. The group's and the broadcast's receivers are as many as --receivers says.
HOSTS = {"10.1.1.34": "r1", "10.1.1.35": "r2", "192.168.56.12": "r1", "host.example": "r1", "127.0.0.1": "s",
         "10.1.1.33": "s"}

# Commands that are not run here, with the reason. All others are run.
NOT_RUN = {
    "Tools/test": "it runs this test",
    "gallery send photos --mode multicast --to 224.1.1.5 --code": "keys.sh runs it: the other side needs the words that it prints",
    "gallery send photos --to 10.1.1.34 --code": "the same",
    "gallery receive --code 'bado kilu mefa nopi rusa tegi'": "the same: its sender needs the words",
    "gallery send photos --to 10.1.1.34 --key room.key": "keys.sh runs it: both sides need the file",
    "gallery receive --key room.key": "the same",
    "gallery key new room.key": "keys.sh runs it",
    "gallery key new --sign my.sign": "keys.sh runs it",
    "gallery send photos --to 10.1.1.34 --sign my.sign": "the same: both sides need the files",
    "gallery receive --trust my.sign.pub": "the same",
    "swift build -c release && export PATH=$PWD/.build/release:$PATH": "the test's own build",
    "python3 course/udp/unicast/show_gallery.py": "it opens a window; course-own.sh runs it without",
    "python3 course/udp/unicast/send_gallery.py --to_port 25001": "the sender for it",
}
# These commands take long as printed. They are run with these words added.
SHORTENED = {
    "gallery study --loss 0:30:5 --receivers 1 --trials 31 --size 6000000 --against-simulation --into agreement":
        "--trials 1 --loss 0,10",
    "gallery study --receivers 1 --trials 31 --size 6000000 --against-simulation": "--trials 1 --loss 0,10",
    "gallery study --loss 0:20:5 --trials 5 --into study-real": "--trials 1 --receivers 1,3",
    "gallery study --simulated --loss 1,5,10 --receivers 10,100 --parity off,64,200": "--loss 5 --receivers 10",
}
# Without GALLERY_FULL these are added too, and sweeps have one trial. Comparisons run at both ends of the sweep, with the
# small images, and simulated studies of all losses at two of them, to one and three receivers.
SHORTENED_MORE = {
    "gallery study --loss 0:20:5 --trials 5 --into study-real": "--loss 0,20",
    "Tools/lab account images/small": "--receivers 1",
    "gallery check --protocol naive --json > results.json "
    "--receiver 'python3 Tools/student/naive.py receive {port} {folder}'": "--case images --case lost-image",
}
SWEEPS = ("gallery study --simulated", "gallery compare")
# They differ in the words that are run less of.
ALIKE = {"gallery study --loss 0:30:5 --receivers 1 --trials 31 --size 6000000 --against-simulation --into agreement":
         "gallery study --receivers 1 --trials 31 --size 6000000 --against-simulation"}
# Exit codes other than 0: of sixteen shards the help's example ran one, so that its `merge` says what is missing.
EXIT_CODES = {("help study", "gallery study merge part-* --into whole"): [3]}
SLOW = ["Tools/lab account", "gallery compare", "gallery study --loss", "gallery study --receivers 1 --trials 31",
        "unshare -rn bash Tools/student/trap.sh", "Tools/student/udp-or-tcp.sh"]


def once(text):
    """Slow commands with the same result run once: without GALLERY_FULL also those that differ in these options only."""
    if os.environ.get("GALLERY_FULL") or text.startswith(("gallery receive", "gallery send")): return text
    return re.sub(r" --(into|trials|wait) \S+", "", ALIKE.get(text, text))


def run_by_figures():
    """The commands of the sheets that Tools/sheet-figures runs."""
    found = subprocess.run([f"{REPOSITORY}/Tools/sheet-figures", "--commands"], capture_output=True, text=True, check=True,
                           timeout=60)
    return {once(line) for line in found.stdout.split("\n")}


def has_course():
    """Whether the course's own programs run here: they take a minute, and course-own.sh runs them too."""
    if not os.environ.get("GALLERY_FULL"): return False
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([f"{REPOSITORY}/Tools/course-programs", folder], capture_output=True, timeout=60).returncode == 0


FIGURES, HAS_COURSE, COURSE_SHEET = run_by_figures(), has_course(), "2-four-modes.md"


class Command:
    def __init__(self, text, place, unit):
        self.text, self.place, self.unit = text, place, unit
        self.words = shlex.split(text.replace("&&", " && "), comments=True)
        self.is_transfer = self.words[:1] == ["gallery"] and self.words[1:2] in (["send"], ["receive"], ["show"])

    @property
    def part(self):
        if self.text in NOT_RUN or once(" ".join(self.text.split())) in FIGURES: return "none"
        if "course-" in self.text and not HAS_COURSE: return "none"
        if self.unit == COURSE_SHEET: return "net"
        if self.text.startswith(("tcpdump", "gallery impair ")): return "net"
        if any(self.text.startswith(start) for start in SLOW): return "slow"
        needs_transfer = re.search(r"--capture|--report|gallery trace (?!study)|gallery view", self.text)
        return "net" if self.is_transfer or needs_transfer else "local"

    def option(self, name, default=None):
        return self.words[self.words.index(name) + 1] if name in self.words else default

    def destinations(self):
        hosts = []
        for position, word in enumerate(self.words):
            if word == "--to": hosts += self.words[position + 1].split(",")
        return hosts


def few_trials(text):
    """The command with fewer trials, if it is a sweep."""
    if os.environ.get("GALLERY_FULL"): return text
    if text.startswith("Tools/student/udp-or-tcp.sh"): return "Tools/student/udp-or-tcp.sh 5"
    if not text.removeprefix("parallel ").startswith(SWEEPS): return text
    more = "--trials 1"
    if "gallery compare" in text:
        text = re.sub(r"--loss (\d+):(\d+):\d+", r"--loss \1,\2", text).replace("images/large", "images/small")
    else:
        if "--loss" not in text: more += " --loss 0,20"
        if "--receivers" not in text: more += " --receivers 1,3"
    return re.sub(r"gallery (study|compare)", rf"gallery \1 {more}", re.sub(r" --trials \d+", "", text), count=1)


def strip_comment(line):
    """Without a comment, or a remark in brackets, that stands behind at least two spaces, or alone."""
    return re.sub(r"(^|\s{2,})(#\s|\().*$", "", line).rstrip()


def join_lines(lines):
    """Joins lines that end in a backslash; yields (line number, text)."""
    text, first = "", None
    for number, line in lines:
        line = strip_comment(line)
        first = first if text else number
        if line.endswith("\\"):
            text += line[:-1].strip() + " "
            continue
        text += line.strip()
        if text: yield first, text
        text = ""


def is_command(text):
    return re.match(r"(gallery|Tools/[\w/.-]+|parallel|cmp|tcpdump|swift|unshare|python3)\s|Tools/(demo|test)$", text) is not None


def of_markdown(path):
    """The commands of a page. A sheet, or the guide, is one unit: its commands follow each other in one folder."""
    name = os.path.basename(path)
    is_unit = name == "guide.md" or os.path.basename(os.path.dirname(path)) == "sheets"
    lines = open(path, encoding="utf-8").read().split("\n")
    commands, fence, block = [], None, []
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            if fence is None:
                fence, block = line[3:], []
                continue
            unit = name if is_unit else f"{name}:{block[0][0]}"
            joined = list(join_lines(block))
            if joined and is_command(joined[0][1]):
                commands += [Command(text, f"{name}:{n}", unit) for n, text in joined]
            elif is_unit and not fence: sys.exit(f"{name}:{block[0][0]}: no command that is known here: {block[0][1]}")
            fence = None
        elif fence is not None:
            block.append((number, line))
        else:
            for code in re.findall(r"`([^`]+)`", line):
                if re.match(r"gallery (send|receive|view|compare|trace) \S+", code) or re.match(r"unshare -\w+ bash \S", code):
                    unit = name if is_unit else f"{name}:{number}"
                    if "--help" not in code: commands.append(Command(code, f"{name}:{number}", unit))
    return commands + (of_mode_table(lines, name) if name == "README.md" else [])


def of_mode_table(lines, name):
    """README's table of modes: options of the sender, options of the receiver."""
    commands = []
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != 5 or not re.match(r"UDP |TCP", cells[1]): continue
        sender, receiver = (re.findall(r"`([^`]+)`", cell) for cell in cells[2:4])
        unit = f"{name}:{number}"
        commands.append(Command(f"gallery receive {receiver[0] if receiver else ''}".strip(), unit, unit))
        commands.append(Command(f"gallery send images/small {sender[0]}", unit, unit))
    return commands


def of_help():
    commands = []
    for subcommand in SUBCOMMANDS:
        text = subprocess.run([GALLERY] + subcommand.split() + ["--help"], capture_output=True, text=True, timeout=20,
                              env={**os.environ, "COLUMNS": "400"}).stdout
        place = f"help {subcommand}".strip()
        block = [(0, line.strip()) for line in text.split("USAGE:")[0].split("\n") if line.startswith("  ")]
        commands += [Command(line, place, place) for _, line in join_lines(block) if is_command(line)]
    for tool in ["lab", "demo"]:
        text = subprocess.run([f"{REPOSITORY}/Tools/{tool}", "--help"], capture_output=True, text=True, timeout=20).stdout
        if tool == "lab": text = text.split("Examples:")[-1]
        place = f"help Tools/{tool}"
        lines = [(0, re.sub(r"\s{4,}\S.*$", "", line.strip()) if tool == "demo" else line)
                 for line in text.split("\n") if line.startswith("  ")]
        commands += [Command(line, place, place) for _, line in join_lines(lines)
                     if is_command(line) and "FOLDER" not in line]
    return commands


@functools.cache
def images():
    """The folder `images` of all units. Without GALLERY_FULL the large set has one image, because windows decode it."""
    if os.environ.get("GALLERY_FULL"): return f"{REPOSITORY}/images"
    folder = os.getcwd() + "/images"
    os.makedirs(f"{folder}/large")
    os.symlink(f"{REPOSITORY}/images/small", f"{folder}/small")
    for name in sorted(os.listdir(f"{REPOSITORY}/images/large"))[4:5]:
        os.symlink(f"{REPOSITORY}/images/large/{name}", f"{folder}/large/{name}")
    return folder


class Runner:
    """Runs the commands of one unit (a fence, or a sheet as a whole) one after the other, in a folder of its own."""

    def __init__(self, lab, unit):
        self.lab, self.unit, self.failures, self.background = lab, unit, [], []
        self.folder = os.path.join(os.getcwd(), re.sub(r"\W+", "-", unit))
        for host in ["s", "r2", "r3"]: self.prepare(self.cwd(host))

    def cwd(self, host):
        """The first receiver and the sender share a folder, so that each finds the other's trace and images."""
        return self.folder if host in ("s", "r1") else f"{self.folder}/{host}"

    def prepare(self, folder):
        os.makedirs(folder, exist_ok=True)
        for name, target in [("images", images()), ("Tools", f"{REPOSITORY}/Tools")]:
            if not os.path.lexists(f"{folder}/{name}"): os.symlink(target, f"{folder}/{name}")
        if not os.path.exists(f"{folder}/photos"):
            shutil.copytree(f"{REPOSITORY}/images/small", f"{folder}/photos/album")
            open(f"{folder}/photos/notes.txt", "w").write("notes\n")
            # For `gallery send *.jpg album`.
            os.mkdir(f"{folder}/album")
            for name, source in [("one.jpg", "01-mandelbrot-seahorse-tail.jpg"), ("album/two.jpg", "02-julia-dendrite.jpg")]:
                shutil.copy(f"{REPOSITORY}/images/small/{source}", f"{folder}/{name}")

    def start(self, text, host, output):
        """Starts a shell command in a host, in a process group of its own."""
        environment = {**os.environ, "PATH": os.path.dirname(GALLERY) + ":" + os.environ["PATH"], "GALLERY": GALLERY,
                       "XDG_CACHE_HOME": os.getcwd() + "/cache"}
        environment.pop("GALLERY_LAB_ID", None)
        # `ip netns exec` gives it a mount namespace: only it sees these names of hosts.
        command = ["ip", "netns", "exec", f"gl-{self.lab}-{host}", "bash", "-c",
                   'mount --bind "$0" /etc/hosts && exec bash -c "$1"', f"{os.getcwd()}/hosts", text]
        if text.startswith(("Tools/", "unshare")): command = ["bash", "-c", text]  # these make hosts of their own
        return subprocess.Popen(command, cwd=self.cwd(host), env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                stderr=subprocess.STDOUT, start_new_session=True)

    def log(self, name): return open(f"{self.folder}/{name}.log", "w+b")

    def end(self, process, seconds, signals=(signal.SIGINT, signal.SIGKILL)):
        """The exit code. A process that runs for too long is ended. Negative when it had to be killed."""
        for step in (None,) + tuple(signals):
            if step is not None:
                try: os.killpg(process.pid, step)
                except ProcessLookupError: pass
            try: return process.wait(seconds if step is None else 10)
            except subprocess.TimeoutExpired: continue
        return -1

    @staticmethod
    def interrupt(process):
        """As Ctrl-C. One that has ended by itself is not there any more; its exit code and output say why."""
        try: os.killpg(process.pid, signal.SIGINT)
        except ProcessLookupError: pass

    def check(self, command, code, allowed, log):
        if code in allowed: return
        log.seek(0)
        text = log.read().decode(errors="replace")
        self.failures.append(f"{command.place}: exit {code}, expected {allowed}: {command.text}\n{text[-2000:]}")

    def wait_until(self, what, holds):
        end = time.monotonic() + 120
        while not holds():
            if time.monotonic() > end: raise TimeoutError(f"{self.unit}: never came true: {what}")
            time.sleep(0.1)

    def windows(self, process):
        """The windows of a process, or of one that it started, on the display."""
        ids = subprocess.run(["pgrep", "-g", str(process.pid)], capture_output=True, text=True).stdout.split()
        found = [subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", one], capture_output=True, text=True).stdout
                 for one in ids]
        return " ".join(found).split()

    @staticmethod
    def is_settled(process, log):
        """Whether tcpdump has written all that passed its filter: it says so upon SIGUSR1 (Tools/lib/lab-measure.sh)."""
        process.send_signal(signal.SIGUSR1)
        time.sleep(0.1)
        text = open(log.name, "rb").read()
        said = re.findall(rb"(\d+) packets? captured, (\d+) packets? received by filter, (\d+) packets? dropped", text)
        return said and int(said[-1][0]) + int(said[-1][2]) >= int(said[-1][1])

    # Transfers.

    def wait_until_bound(self, host, is_tcp, port, process):
        """Reads the tables of the process's own network, which is the host's as soon as `ip netns exec` has entered it."""
        network = os.stat(f"/run/netns/gl-{self.lab}-{host}").st_ino
        names, wanted = (("tcp", "tcp6"), "0A") if is_tcp else (("udp", "udp6"), "07")
        while process.poll() is None:
            try:
                lines = [line.split() for name in names for line in open(f"/proc/{process.pid}/net/{name}")]
                is_there = os.stat(f"/proc/{process.pid}/ns/net").st_ino == network
            except OSError: return  # it has ended
            if is_there and any(line[1].endswith(f":{int(port):04X}") and line[3] == wanted for line in lines): return
            time.sleep(0.02)

    def transfer(self, receiver, sender):
        """Either may be None: the other's options say what it must be."""
        named = sender or receiver
        mode, port = named.option("--mode", "unicast"), named.option("--port", "25000")
        group = receiver.option("--group", "224.1.1.5") if receiver else None
        is_search = sender is not None and "--to" not in sender.words  # it finds receivers that say not where they listen
        if sender:
            count = int(sender.option("--receivers", "1"))
            hosts = ([f"r{n}" for n in range(1, count + 1)] if mode in ("multicast", "broadcast") or is_search
                     else [HOSTS[to.split(":")[0]] for to in sender.destinations()])
        else:
            hosts = ["r1"]
        protocol = named.option("--protocol", "chunked")
        room = sender.option("--room") if sender else None
        listening = (f"--room {room}" if room else "") if is_search else f"--protocol {protocol} --mode {mode}"
        text = receiver.text if receiver else (
            f"gallery receive {listening} --into made-{len(self.background)}-{id(sender)} --wait 120s"
            + (f" --group {sender.destinations()[0]} --interface eth1" if mode == "multicast" else ""))
        receivers = []
        for host in hosts:
            log = self.log(f"receiver-{host}")
            process = self.start(text, host, log)
            receivers.append((host, process, log))
        for host, process, _ in receivers: self.wait_until_bound(host, mode == "tcp", port, process)
        if sender is None:
            to = {"multicast": f"{group} --interface eth1", "broadcast": "10.1.1.255"}.get(mode, "10.1.1.34")
            sender = Command(f"gallery send images/small --protocol {protocol} --mode {mode} --to {to}",
                             f"the sender for {receiver.place}", self.unit)
        log = self.log("sender")
        process = self.start(sender.text, "s", log)
        has_window = "--window" in sender.words  # the user ends it
        if has_window:
            if is_search:  # Enter starts
                self.wait_until("the window is open", lambda: process.poll() is not None or self.windows(process))
                while any(one.poll() is None for _, one, _ in receivers) and process.poll() is None:
                    for window in self.windows(process):
                        subprocess.run(["xdotool", "key", "--window", window, "Return"], capture_output=True)
                    time.sleep(0.5)
            for _, receiver_process, _ in receivers: receiver_process.wait(120)
            self.interrupt(process)
        self.check(sender, self.end(process, 120), [0, 130] if has_window else [0], log)
        stays = receiver is not None and (receiver.words[1] == "show" and "--screenshot" not in receiver.words
                                          or "--keep" in receiver.words)
        for host, process, log in receivers:
            if stays:  # a window, and a receiver with --keep, are ended by the user
                time.sleep(0.3)
                os.killpg(process.pid, signal.SIGINT)
            self.check(receiver or sender, self.end(process, 120), [0, 130] if stays else [0], log)

    # All other commands.

    def simple(self, command):
        text = few_trials(command.text)
        for more in [SHORTENED] if os.environ.get("GALLERY_FULL") else [SHORTENED, SHORTENED_MORE]:
            if words := more.get(" ".join(command.text.split())): text += " " + words
        if "gallery view --trace" in text:
            if not os.path.exists(f"{self.folder}/run.qlog"): self.transfer(None, Command(
                "gallery send images/small --to 10.1.1.34 --drop 5% --trace run.qlog", command.place, self.unit))
            for name in command.words:
                if name.endswith(".qlog") and not os.path.exists(f"{self.folder}/{name}"):
                    shutil.copy(f"{self.folder}/run.qlog", f"{self.folder}/{name}")
        elif "gallery view" in text and not os.path.exists(f"{self.folder}/{command.words[2]}"):
            shutil.copytree(f"{REPOSITORY}/images/small", f"{self.folder}/{command.words[2]}")
        if command.unit == "help study" and "--into" not in text:  # examples apart, each with the folder of its own
            shutil.rmtree(f"{self.folder}/study", ignore_errors=True)
        if "--report run.json" in text: self.transfer(None, Command(
            "gallery send images/small --to 10.1.1.34 --json > run.json", command.place, self.unit))
        if "--capture" in text:
            self.capture(command)
        if text.endswith("&"):
            log = self.log("background")
            self.background.append((command, self.start(text[:-1], "s", log), log))
            self.wait_until("tcpdump captures", lambda: b"listening on" in open(log.name, "rb").read())
            return
        log = self.log("command")
        process = self.start(text, "s", log)
        is_window = command.words[:2] == ["gallery", "view"] and not {"--screenshot", "--contact-sheet", "--terminal"} & set(command.words)
        if is_window:
            self.wait_until("the window is open", lambda: process.poll() is not None or self.windows(process))
            allowed = [0, 130]
            self.interrupt(process)
        elif command.words[:2] == ["gallery", "impair"]:  # it runs until the user ends it
            self.wait_until("it listens", lambda: process.poll() is not None or b"Ctrl-C" in open(log.name, "rb").read())
            allowed = [0]
            self.interrupt(process)
        else:
            allowed = EXIT_CODES.get((command.place, command.text), [0])
        self.check(command, self.end(process, 200), allowed, log)

    def capture(self, command):
        """The run that a capture is of, then the end of the tcpdump that the line before started."""
        if self.background:
            self.transfer(None, Command(
                "gallery send images/small --mode multicast --to 224.1.1.5 --interface eth1 --receivers 3",
                command.place, self.unit))
            started, process, log = self.background.pop()
            self.wait_until("the capture is complete", lambda: self.is_settled(process, log))
            os.killpg(process.pid, signal.SIGINT)
            self.check(started, self.end(process, 60), [0], log)

    def run(self, commands):
        pending = None
        for position, command in enumerate(commands):
            following = commands[position + 1] if position + 1 < len(commands) else None
            if command.is_transfer and command.words[1] in ("receive", "show"):
                is_pair = following is not None and following.words[:2] == ["gallery", "send"] and all(
                    command.option(name) == following.option(name) for name in ["--mode", "--protocol"])
                if is_pair: pending = command
                else: self.transfer(command, None)
            elif command.is_transfer:
                self.transfer(pending, command)
                pending = None
            else:
                self.simple(command)
        return self.failures


def units(sources, part):
    """The commands of one part by unit, in order. An example of the help that a document has as well runs once, if it
    needs no file of another command."""
    found, texts = {}, set()
    for source in sources:
        for command in of_help() if source == "help" else of_markdown(source):
            text = once(few_trials(command.text)) if part == "slow" else command.text
            is_example_alone = source == "help" and part == "local" and "part-" not in text
            if command.part != part or text in texts and (part == "slow" or is_example_alone): continue
            if source != "help" or part == "slow": texts.add(text)
            found.setdefault(command.unit, []).append(command)
    return found


def processor_seconds():
    """Of the programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(lab, part, sources):
    failures, counts, started = [], [], time.monotonic()
    images()  # before units run side by side

    def job(unit, name, commands):
        begin, earlier = time.monotonic(), processor_seconds()
        found = Runner(lab, name).run(commands)
        # In the part `rest` units run side by side, and this is the time of all.
        print(f"{time.monotonic() - begin:6.1f} s, {processor_seconds() - earlier:5.1f} s of processor  {unit}: "
              f"{len(commands)} commands, {len(found)} failed", flush=True)
        failures.extend(found)
        counts.append(len(commands))

    # The lab has one port 25000: transfers follow each other. Slow ones mostly sleep, and each has a folder to itself.
    with concurrent.futures.ThreadPoolExecutor(1 if part == "net" else 2) as pool, \
            concurrent.futures.ThreadPoolExecutor(12) as slow_pool:
        jobs = []
        for unit, commands in units(sources, "slow" if part == "rest" else "nothing").items():
            jobs += [slow_pool.submit(job, unit, f"{unit} slow {position}", [command])
                     for position, command in enumerate(commands) if part == "rest"]
        jobs += [pool.submit(job, unit, unit, commands)
                 for unit, commands in units(sources, "net" if part == "net" else "local").items()]
        for one in jobs: one.result()
    print(f"{sum(counts)} commands in {time.monotonic() - started:.0f} s")
    for failure in failures: print("FAILED", failure)
    return 1 if failures or not counts else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["list"]:
        for source in sys.argv[2:]:
            for command in of_help() if source == "help" else of_markdown(source):
                print(f"{command.part:5}  {command.place:16}  {command.text}")
    elif sys.argv[1:2] == ["run"] and len(sys.argv) > 4:
        sys.exit(run(sys.argv[2], sys.argv[3], sys.argv[4:]))
    else:
        sys.exit(__doc__)
