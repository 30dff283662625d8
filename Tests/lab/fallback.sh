#!/usr/bin/env bash
# Groups whose chunks do not reach some members, between hosts of a lab: a packet filter drops large datagrams to the group, and
# lets announces pass. These members are served by unicast. Every image's bytes are compared.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/modes.bash"
require_root

# Drops what is longer than 1,000 bytes to this address, from now on.
block() { # HOST [ADDRESS]
  lab exec "$1" nft -f - <<RULES
table ip blocked {
  chain input { type filter hook input priority 0; ip daddr ${2:-$group} udp length > 1000 drop; }
}
RULES
}

declare -A pid
receiver() { # HOST OPTION…
  "$repository/Tools/lab" exec "$1" "$gallery" receive --into "$scratch/$1" --json "${@:2}" >"$scratch/$1.json" 2>"$scratch/$1.log" &
  pid[$1]=$!
  wait_until is_bound_in "$1" 25000
}

multicast=(--mode multicast --group "$group" --interface eth1)
start_sender() { # FOLDER OPTION…
  "$repository/Tools/lab" exec s "$gallery" send "$@" --json-lines >"$scratch/sent.json" 2>"$scratch/sent.log" &
  sending=$!
}

ends_well() { # NAME PROCESS
  local code=0
  wait "$2" || code=$?
  [[ $code == 0 ]] || cat "$scratch/$1.log" "$scratch/$1.json" "$scratch/sent.log"
  expect_equal "$code" 0 "the exit code of $1"
}

# all_whole FOLDER HOST…: everybody ends with 0, and has every byte.
all_whole() {
  local host
  for host in "${@:2}"; do ends_well "$host" "${pid[$host]}"; done
  ends_well sent "$sending"
  for host in "${@:2}"; do same_files "$1" "$scratch/$host"; done
}

# told ADDRESS…: exactly the receivers at these addresses were served by unicast, by the sender's report and its events, each
# with a reason. All others were served by the group.
told() {
  python3 - "$scratch/sent.json" "$@" <<'PYTHON'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
report = events[-1]["report"]
wanted = sorted(sys.argv[2:])
served = sorted(r["name"].split("(")[1].rstrip(")") for r in report["receivers"] if "byUnicast" in r)
assert served == wanted, (served, report)
assert all(r["outcome"] == "whole" for r in report["receivers"]), report
assert all("announces arrived, but only" in r["byUnicast"] for r in report["receivers"] if "byUnicast" in r), report
assert sorted(e["address"] for e in events if e["event"] == "unicast") == wanted, events
assert not [e for e in events if e["event"] == "lost"], events
assert len(report["unicastSessions"]) == len(wanted) and all(s["isWhole"] for s in report["unicastSessions"]), report
PYTHON
}

value() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1])).get(sys.argv[2], ""))' "$scratch/$1.json" "$2"; }

# group_numbers: what the group's session sent, and when its members were whole.
group_numbers() {
  python3 - "$scratch/sent.json" <<'PYTHON'
import json, sys
report = [json.loads(line) for line in open(sys.argv[1])][-1]["report"]
members = [r["seconds"] for r in report["receivers"] if "byUnicast" not in r]
print(report["bytesSent"], f"{max(members, default=0):.2f}")
PYTHON
}

# One of three, beside a run of the same group without it. Its set is not sent to the group a second time.
case_one() {
  local host bytes seconds bytes_alone seconds_alone
  start_lab --receivers 3
  for host in r1 r2; do receiver $host "${multicast[@]}"; done
  start_sender "$large" --mode multicast --to $group --interface eth1 --receivers 2 --rate 200Mbit
  all_whole "$large" r1 r2
  told
  read -r bytes_alone seconds_alone < <(group_numbers)
  rm -rf "$scratch"/r?
  block r3
  for host in "${receivers[@]}"; do receiver $host "${multicast[@]}"; done
  start_sender "$large" --mode multicast --to $group --interface eth1 --receivers 3 --rate 200Mbit
  all_whole "$large" "${receivers[@]}"
  told 10.77.0.13
  read -r bytes seconds < <(group_numbers)
  echo "figures: without the third $bytes_alone bytes, $seconds_alone s; with it $bytes bytes, $seconds s"
  # Until it leaves, it asks the group for what it misses.
  expect_between "$bytes" $((bytes_alone / 2)) $((bytes_alone * 3 / 2)) "bytes of the group's session"
  expect_contains "$(value r3 byUnicast)" "announces arrived, but only" "what the receiver says"
  expect_equal "$(value r1 byUnicast)" "" "what the others say"
  expect_contains "$(cat "$scratch/r3.log")" "served by unicast: the group's announces arrived" "its summary"
  expect_contains "$(cat "$scratch/sent.log")" "served by unicast: the group's announces arrived" "the sender's summary"
}

# From the middle of the session on. What arrived before is not sent again.
case_later() {
  local host
  start_lab --receivers 3
  for host in "${receivers[@]}"; do receiver $host "${multicast[@]}"; done
  start_sender "$large" --mode multicast --to $group --interface eth1 --receivers 3 --rate 40Mbit
  files_in "$scratch/r3" 1
  block r3
  all_whole "$large" "${receivers[@]}"
  told 10.77.0.13
  echo "figures: $(group_numbers), resumed $(value r3 chunksResumed) of $(value r3 chunkCount) chunks"
  (($(value r3 chunksResumed) > 0)) || { echo "nothing was resumed"; exit 1; }
}

case_all() {
  local host
  start_lab --receivers 3
  for host in "${receivers[@]}"; do
    block $host
    receiver $host "${multicast[@]}"
  done
  start_sender "$small" --mode multicast --to $group --interface eth1 --receivers 3
  all_whole "$small" "${receivers[@]}"
  told 10.77.0.11 10.77.0.12 10.77.0.13
}

# A set of few chunks: less is missing than tells a filter from chance, until *end* says that all was sent.
case_broadcast() {
  local some host
  start_lab --receivers 2
  some=$scratch/some
  mkdir "$some"
  head -c 20000 "$large"/01*.jpg >"$some/one.jpg"
  block r2 10.77.0.255
  for host in r1 r2; do receiver $host --mode broadcast; done
  start_sender "$some" --mode broadcast --to 10.77.0.255 --receivers 2
  all_whole "$some" r1 r2
  told 10.77.0.12
}

test_case "a member of a group whose chunks are dropped is served by unicast, and the group does not send the set again for it" case_one
test_case "a member whose chunks are dropped from the middle on keeps what it has, and gets the rest by unicast" case_later
test_case "a group none of whose members gets chunks is served by unicast" case_all
test_case "a small set in broadcast: the member that gets no chunk is served by unicast" case_broadcast
finish
