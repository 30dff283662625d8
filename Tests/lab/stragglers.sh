#!/usr/bin/env bash
# Groups whose sender leaves stragglers, between hosts of a lab: every image's bytes are compared. Times are those of the
# sender's own report, and only their order is looked at.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/modes.bash"
require_root

# Starts a receiver on a host, and waits until it is bound. Its process id goes to ${pid[NAME]}.
declare -A pid
receiver() { # HOST NAME
  "$repository/Tools/lab" exec "$1" bash -c "echo \$\$ >'$scratch/$2.pid'; exec '$gallery' receive --into '$scratch/$2' --json --mode multicast \
    --group $group --interface eth1" >"$scratch/$2.json" 2>"$scratch/$2.log" &
  pid[$2]=$!
  wait_until is_bound_in "$1" 25000
}

start_sender() { # OPTION…
  "$repository/Tools/lab" exec s "$gallery" send "$large" --mode multicast --to $group --interface eth1 --receivers 3 --straggler drop \
    --json-lines "$@" >"$scratch/sent.json" 2>"$scratch/sent.log" &
  sending=$!
}

# ends_with NAME PROCESS CODE
ends_with() {
  local code=0
  wait "$2" || code=$?
  [[ $code == "$3" ]] || cat "$scratch/$1.log" "$scratch/$1.json"
  expect_equal "$code" "$3" "the exit code of $1"
}

# told ADDRESS: the outcomes of the receivers at this address, in the sender's report and in its events.
told() {
  python3 - "$scratch/sent.json" "$1" <<'PYTHON'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
receivers = events[-1]["report"]["receivers"]
here = [r for r in receivers if f"({sys.argv[2]})" in r["name"]]
lost = [e for e in events if e["event"] == "lost" and e["address"] == sys.argv[2]]
assert all(e["reason"] and len(e["receiverID"]) == 16 for e in lost), lost
print("report:", *sorted(r["outcome"] for r in here), "lost:", *sorted(e["outcome"] for e in lost))
PYTHON
}

# whole_before ADDRESS: the receivers at 10.77.0.11 and .12 were whole earlier than this one's outcome was known.
whole_before() {
  python3 - "$scratch/sent.json" "$1" <<'PYTHON'
import json, sys
receivers = [json.loads(line) for line in open(sys.argv[1])][-1]["report"]["receivers"]
times = {a: [r["seconds"] for r in receivers if f"({a})" in r["name"]] for a in ("10.77.0.11", "10.77.0.12", sys.argv[2])}
last = times.pop(sys.argv[2])[0]
assert all(t[0] < last for t in times.values()), (times, last)
PYTHON
}

# One is killed when it has a file; the others do not wait for it. It starts again in the same session, and gets everything.
case_killed() {
  local host
  start_lab --receivers 3
  for host in "${receivers[@]}"; do receiver $host $host; done
  start_sender --behind 3s --rate 100Mbit
  files_in "$scratch/r3" 1
  kill -KILL "$(<"$scratch/r3.pid")"
  wait "${pid[r3]}" || true
  receiver r3 again
  for host in r1 r2 again; do
    ends_with $host "${pid[$host]}" 0
  done
  ends_with sent $sending 3
  for host in r1 r2 again; do same_files "$large" "$scratch/$host"; done
  expect_equal "$(told 10.77.0.13)" "report: silent whole lost: silent" "what the sender says of it"
  expect_equal "$(told 10.77.0.11)$(told 10.77.0.12)" "report: whole lost:report: whole lost:" "what it says of the others"
  expect_contains "$(cat "$scratch/sent.log")" "fell silent: it was killed or unplugged" "the summary"
}

# It has 40 % loss: it is served when the others have everything.
case_lossy() {
  local host
  start_lab --receivers 3
  lab loss r3 40%
  for host in "${receivers[@]}"; do receiver $host $host; done
  start_sender --behind 100s
  for host in "${receivers[@]}"; do ends_with $host "${pid[$host]}" 0; done
  ends_with sent $sending 0
  for host in "${receivers[@]}"; do same_files "$large" "$scratch/$host"; done
  whole_before 10.77.0.13
}

# Its path carries 1 Mbit: 34 MB would take five minutes. It is left, and says so; what it verified is right.
case_narrow() {
  local host file
  start_lab --receivers 3
  lab shape r3 1mbit --buffer 30ms
  for host in "${receivers[@]}"; do receiver $host $host; done
  start_sender --behind 2s
  for host in r1 r2; do ends_with $host "${pid[$host]}" 0; done
  ends_with r3 "${pid[r3]}" 3
  ends_with sent $sending 3
  for host in r1 r2; do same_files "$large" "$scratch/$host"; done
  for file in "$scratch"/r3/*.jpg; do
    [[ ! -e $file ]] || cmp "$file" "$large/${file##*/}"
  done
  expect_equal "$(told 10.77.0.13)" "report: leftBehind lost: leftBehind" "what the sender says of it"
  whole_before 10.77.0.13
  expect_contains "$(cat "$scratch/sent.log")" "was left behind: it was " "the summary"
  expect_contains "$(cat "$scratch/r3.log")" "the sender went on without this host: it was " "what the receiver says"
  expect_contains "$(cat "$scratch/r3.json")" '"outcome" : "leftBehind"' "the receiver's report"
}

test_case "a receiver of a group is killed: the others are whole, and it gets everything when it starts again" case_killed
test_case "a receiver of a group with 40 % loss is whole after the others" case_lossy
test_case "a receiver of a group whose path is too narrow is left behind, and told why" case_narrow
finish
