#!/usr/bin/env bash
# Nothing to type but the folder: receivers and senders without an address or a mode find each other by invitation,
# between hosts of a lab. Every image's bytes are compared.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/modes.bash"
require_root

# Packets that a host drops as they arrive, from now on. RULE is that of nft(8).
block() { # HOST RULE…
  lab exec "$1" nft -f - <<RULES
table inet blocked {
  chain input { type filter hook input priority 0; ${*:2} drop; }
}
RULES
}

declare -A pid
# The hosts of a lab share their name, so a receiver has one of its own.
receiver() { # HOST OPTION…
  "$repository/Tools/lab" exec "$1" "$gallery" receive --into "$scratch/$1" --json --name "$1" "${@:2}" >"$scratch/$1.json" 2>"$scratch/$1.log" &
  pid[$1]=$!
  wait_until is_bound_in "$1" 25000
}

start_sender() { # NAME FOLDER OPTION…
  "$repository/Tools/lab" exec s "$gallery" send "${@:2}" --json-lines >"$scratch/$1.json" 2>"$scratch/$1.log" &
  pid[$1]=$!
}

ends_well() { # NAME
  local code=0
  wait "${pid[$1]}" || code=$?
  [[ $code == 0 ]] || tail -n 40 "$scratch"/*.log "$scratch/$1.json"
  expect_equal "$code" 0 "the exit code of $1"
}

# all_whole SENDER FOLDER HOST…: everybody ends with 0, and has every byte.
all_whole() {
  local host
  ends_well "$1"
  for host in "${@:3}"; do
    ends_well "$host"
    same_files "$2" "$scratch/$host"
  done
}

# served SENDER HOST=MODE…: by its report and its events, exactly these receivers were served, each in this way at last.
# All members of the group had one copy.
served() {
  python3 - "$scratch/$1.json" "${@:2}" <<'PYTHON'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
report = events[-1]["report"]
wanted = dict(word.split("=") for word in sys.argv[2:])
served = {r["name"]: r["mode"] for r in report["receivers"]}
assert served == wanted, (served, report)
assert report["isWhole"] and all(r["isWhole"] and r["reason"] for r in report["receivers"]), report
told = {}
for event in events:
    if event["event"] == "way": told[event["name"]] = event["mode"]
assert told == wanted, events
assert {e["name"] for e in events if e["event"] == "found"} == set(wanted), events
groups = [s for s in report["sessions"] if s["mode"] == "multicast"]
assert len(groups) == ("multicast" in wanted.values()), report
for group in groups:
    assert group["bytesSent"] < 1.5 * group["fileByteCount"], group
    assert "tcp" in wanted.values() or not group["unicastSessions"], group
PYTHON
}

case_group() {
  start_lab --receivers 3
  local host
  for host in "${receivers[@]}"; do receiver "$host"; done
  start_sender sent "$small" --receivers 3
  all_whole sent "$small" "${receivers[@]}"
  served sent r1=multicast r2=multicast r3=multicast
  expect_contains "$(head -n 1 "$scratch/r1.log")" "r1 listens" "its first line"
}

case_alone() {
  start_lab --receivers 1
  receiver r1
  start_sender sent "$small" --receivers 1
  all_whole sent "$small" r1
  served sent r1=unicast
}

case_no_multicast() {
  start_lab --receivers 3
  block r3 "ip daddr 224.0.0.0/4"
  block r3 "ip6 daddr ff12::/16"
  local host
  for host in "${receivers[@]}"; do receiver "$host"; done
  start_sender sent "$small" --receivers 3
  all_whole sent "$small" "${receivers[@]}"
  served sent r1=multicast r2=multicast r3=unicast
}

# All that is no invitation (the third byte of its datagram is not 12).
case_no_udp() {
  start_lab --receivers 3
  block r3 "udp dport 25000 @th,80,8 != 12"
  local host
  for host in "${receivers[@]}"; do receiver "$host"; done
  start_sender sent "$small" --receivers 3
  all_whole sent "$small" "${receivers[@]}"
  served sent r1=multicast r2=multicast r3=tcp
}

# A filter of large datagrams: the receiver joins, and no size of packet arrives there.
case_no_large_udp() {
  start_lab --receivers 1
  block r1 "udp length > 300"
  receiver r1
  start_sender sent "$small" --receivers 1
  all_whole sent "$small" r1
  served sent r1=tcp
}

case_rooms() {
  start_lab --receivers 3
  some_of_the_large
  receiver r1 --room attic
  receiver r2 --room attic
  receiver r3 --room cellar
  start_sender attic "$small" --room attic --receivers 2
  start_sender cellar "$some" --room cellar --receivers 1
  all_whole attic "$small" r1 r2
  all_whole cellar "$some" r3
  served attic r1=multicast r2=multicast
  served cellar r3=unicast
}

has_found() { [[ $(grep -c '"event":"found"' "$scratch/sent.json") == "$1" ]]; }

case_late() {
  start_lab --receivers 3
  receiver r1
  receiver r2
  start_sender sent "$small" --receivers 3
  wait_until has_found 2
  receiver r3
  all_whole sent "$small" "${receivers[@]}"
  served sent r1=multicast r2=multicast r3=multicast
}

# Nobody says how many there are: the user presses Enter when the receiver is in the list.
case_enter() {
  start_lab --receivers 1
  receiver r1
  "$repository/Tools/lab" exec s python3 "$repository/Tests/lab/terminal.py" "found r1" "$gallery" send "$small" >"$scratch/sent.log" &
  pid[sent]=$!
  all_whole sent "$small" r1
  expect_contains "$(cat "$scratch/sent.log")" "serving r1 (10.77.0.11) by unicast: it is the only receiver" "what it says"
}

# By their names, which no resolver knows. The one that is not named goes on listening.
case_name() {
  start_lab --receivers 2
  receiver r1
  receiver r2
  start_sender sent "$small" --to R2
  all_whole sent "$small" r2
  served sent r2=unicast
  start_sender again "$small" --to r1
  all_whole again "$small" r1
  served again r1=unicast
}

# A name and a code: the search is in the clear, the session is sealed. A receiver with a code takes nothing of a sender
# that has another one, and says so.
case_name_and_code() {
  start_lab --receivers 1
  local code=0
  receiver r1 --code 'bado kilu mefa nopi rusa tegi'
  "$repository/Tools/lab" exec s "$gallery" send "$small" --to r1 --code 'bado bado bado bado bado tegi' --wait 3s 2>"$scratch/wrong.log" || code=$?
  expect_equal "$code" 5 "the exit code with another code"
  expect_contains "$(cat "$scratch/r1.log")" "has another code" "what the receiver says"
  start_sender sent "$small" --to r1 --code 'bado kilu mefa nopi rusa tegi'
  all_whole sent "$small" r1
  served sent r1=unicast
}

case_ipv6() {
  start_lab --receivers 3
  local host
  for host in s "${receivers[@]}"; do lab exec "$host" ip -4 address flush dev eth1; done
  for host in "${receivers[@]}"; do receiver "$host"; done
  start_sender sent "$small" --receivers 3
  all_whole sent "$small" "${receivers[@]}"
  served sent r1=multicast r2=multicast r3=multicast
}

test_case "three receivers and a sender, no option but the folder: one copy on the wire" case_group
test_case "a receiver alone is served by unicast" case_alone
test_case "a receiver that multicast does not reach is served by unicast, the others by multicast" case_no_multicast
test_case "a receiver that only invitations reach over UDP is served by TCP" case_no_udp
test_case "a receiver that only small datagrams reach is served by TCP" case_no_large_udp
test_case "two rooms on one link" case_rooms
test_case "a receiver that starts late is found" case_late
test_case "Enter starts with the receiver that is found" case_enter
test_case "a receiver is found by its name" case_name
test_case "a receiver is found by its name, and its session has a code" case_name_and_code
test_case "over IPv6 alone" case_ipv6
finish
