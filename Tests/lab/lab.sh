#!/usr/bin/env bash
# The lab itself: hosts reach each other, losses and bottlenecks have the requested size, and nothing is left behind.
source "$(dirname "$0")/testing.bash"
datagrams=$repository/Tests/lab/datagrams.py

# deliver COUNT BYTES DESTINATION RECEIVER-ARGUMENTS RUN-OPTIONS…: one `lab run` of numbered datagrams; each
# receiver's line of JSON is then in $scratch/r1.out, …, the counters in $scratch/counters.
deliver() {
  lab run --timeout 200 --ready-udp 9000 --logs "$scratch" --counters "$scratch/counters" "${@:5}" \
    -- python3 "$datagrams" send "$3" 9000 "$1" "$2" "$scratch/sent" --- python3 "$datagrams" receive 9000 "$scratch/sent" $4
}
delivered_count() { json_number "$(<"$scratch/$1.out")" count; }
counter() { json_number "$(grep "\"host\":\"$1\"" "$scratch/counters")" "$2"; }

case_ping() {
  start_lab --receivers 2
  local address
  for address in 10.77.0.11 10.77.0.12 fd77::11 fd77::12; do lab exec s ping -c 1 -W 60 "$address"; done
  lab exec r1 ping -c 1 -W 60 10.77.0.12
  expect_exit 2 lab exec r3 true
  expect_contains "$output" "no host 'r3'" "message"
}

case_no_loss() {
  deliver 3000 1000 10.77.0.11 '' --receivers 1
  expect_equal "$(delivered_count r1)" 3000 "datagrams"
  expect_equal "$(counter r1 rxPackets)" 3000 "packets counted at r1: nothing but the datagrams"
  expect_equal "$(counter r1 rxBytes)" $((3000 * (1000 + 8 + 20 + 14))) "bytes counted at r1, with UDP, IP and Ethernet headers"
  expect_equal "$(counter s txPackets)" 3000 "packets counted at s"
}

case_packet_loss() { # 20,000 packets at 5 %: 1,000 lost, standard deviation 31; six of them
  deliver 20000 100 10.77.0.11 '' --receivers 1 --loss 5
  expect_between "$(counter r1 lostInPackets)" 815 1185 "lost packets"
  expect_equal "$(($(delivered_count r1) + $(counter r1 lostInPackets)))" 20000 "delivered + lost"
  expect_equal "$(counter r1 rxPackets)" "$(delivered_count r1)" "the host's own counters show what arrived"
}

case_ipv6_loss() {
  deliver 20000 100 fd77::11 '' --receivers 1 --loss 5
  expect_between "$(counter r1 lostInPackets)" 815 1185 "lost packets"
}

case_fragments() { # 150 datagrams of 31 fragments at 1 %: 150·0.99³¹ = 109.8 arrive, deviation 5.4; six of them
  deliver 150 45000 10.77.0.11 '' --receivers 1 --loss 1
  expect_between "$(delivered_count r1)" 78 142 "whole datagrams"
  expect_equal "$(($(counter r1 rxPackets) + $(counter r1 lostInPackets)))" $((150 * 31)) "fragments that arrived + lost"
}

case_outgoing_loss() {
  deliver 20000 100 10.77.0.11 '' --receivers 1 --loss s=5
  expect_between "$(counter s lostOutPackets)" 815 1185 "lost packets"
  expect_equal "$(counter s txPackets)" 20000 "the sender's own counters show what it sent"
  expect_equal "$(($(delivered_count r1) + $(counter s lostOutPackets)))" 20000 "delivered + lost"
}

case_independent_loss() { # multicast at 20 %: 4 % of 10,000 miss both receivers, deviation 20; six of them
  deliver 10000 100 224.1.1.5 224.1.1.5 --receivers 3 --loss r1=20 --loss r2=20
  expect_equal "$(delivered_count r3)" 10000 "datagrams at r3, which loses none"
  expect_between "$(delivered_count r1)" 7760 8240 "datagrams at r1"
  local both
  both=$(python3 -c 'import json, sys
a, b = (set(json.load(open(name))["numbers"]) for name in sys.argv[1:])
print(10000 - len(a | b))' "$scratch/r1.out" "$scratch/r2.out")
  expect_between "$both" 280 520 "datagrams lost at both"
}

case_broadcast() {
  deliver 100 1000 10.77.0.255 '' --receivers 2
  expect_equal "$(delivered_count r1) $(delivered_count r2)" "100 100" "datagrams at r1 and r2"
}

case_loss_ends() {
  start_lab --receivers 1
  lab loss r1 100%
  expect_exit 1 lab exec s ping -c 1 -W 1 10.77.0.11
  lab loss r1 0
  lab exec s ping -c 1 -W 60 10.77.0.11
  expect_exit 2 lab loss r1 101
  expect_exit 2 lab loss r1 many
}

case_bottleneck() { # 60 Mb/s offered to a bottleneck of 20 for 1 s. Its queue is not empty again before the last packet.
  lab run --receivers 1 --timeout 200 --shape 20mbit --buffer 1000ms --ready-udp 9000 --logs "$scratch" --counters \
    "$scratch/counters" -- python3 "$datagrams" send 10.77.0.11 9000 5357 1358 "$scratch/sent" 5.357 \
    --- python3 "$datagrams" receive 9000 "$scratch/sent"
  local rate # on the wire: 42 bytes of headers a packet
  rate=$(python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))
print(round(r["count"] * 1400 * 8 / r["seconds"] / 1000))' "$scratch/r1.out")
  expect_between "$rate" 18500 22000 "kb/s at r1"
  expect_equal "$(($(delivered_count r1) + $(counter r1 shaperDroppedPackets)))" 5357 "delivered + dropped in the queue"
  expect_between "$(counter r1 shaperDroppedPackets)" 1 5357 "dropped in the queue"
}

case_capture() {
  deliver 500 3000 10.77.0.11 '' --receivers 1 --loss 10 --capture "s=$scratch/s.pcap" --capture "r1=$scratch/r1.pcap"
  expect_equal "$(tcpdump -nr "$scratch/s.pcap" 2>/dev/null | wc -l)" "$(counter s txPackets)" "packets captured at s"
  expect_equal "$(tcpdump -nr "$scratch/r1.pcap" 2>/dev/null | wc -l)" "$(counter r1 rxPackets)" "packets captured at r1"
  expect_equal "$(counter s txPackets)" 1500 "each datagram is three packets"
}

# The same as an ordinary user, of whose lab nobody else sees anything: loss, counters and captures. Also with offloads,
# where a packet may be longer than the MTU.
case_ordinary_user() {
  local user=()
  [[ $EUID -ne 0 ]] || user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
  "${user[@]}" unshare --map-root-user --net --mount true 2>/dev/null ||
    skip "user namespaces are off here: $("${user[@]}" unshare --map-root-user --net --mount true 2>&1)"
  chmod 777 "$scratch"
  lab() { "${user[@]}" "$repository/Tools/lab" "$@"; }
  case_capture
  expect_equal "$(stat -c %u "$scratch/s.pcap")" "$("${user[@]}" id -u)" "the owner of the capture"
  lab run --receivers 1 --offloads on --capture "s=$scratch/long.pcap" --timeout 200 -- ping -c 3 -i 0.01 -s 1400 10.77.0.11 \
    --- true
  expect_equal "$(tcpdump -nr "$scratch/long.pcap" 2>/dev/null | grep -c 'echo request')" 3 "packets captured with offloads"
}

case_run_codes() {
  expect_exit 1 lab run --receivers 2 --timeout 60 -- true --- sh -c 'exit {index}'
  expect_equal "$output" $'s exit 0\nr1 exit 1\nr2 exit 2' "exit codes"
  expect_exit 1 lab run --receivers 1 --timeout 1 -- true --- sleep 30
  expect_contains "$output" "r1 exit 124" "a receiver that does not end"
  expect_exit 3 lab run --receivers 1 --ready-tcp 9000 -- true --- sh -c 'echo broken; exit 9'
  expect_contains "$output" "r1| broken" "a receiver that ends before it is ready"
  expect_exit 2 lab run --receivers 1 -- true
  expect_exit 2 lab run --receivers 0 -- true --- true
}

case_run_receivers() { # as many as the sender's command names
  expect_exit 0 lab run -- echo 10.77.0.11 --- true
  expect_equal "$(grep -c '^r' <<<"$output")" 1 "receivers of one address"
  expect_exit 0 lab run -- echo 10.77.0.11,10.77.0.12 --- true
  expect_equal "$(grep -c '^r' <<<"$output")" 2 "receivers of two addresses"
  expect_exit 0 lab run -- echo 'fd77::14' --- true
  expect_equal "$(grep -c '^r' <<<"$output")" 4 "receivers up to the fourth address"
  expect_exit 0 lab run -- echo 224.1.1.5 10.77.0.255 10.77.0.1 --- true
  expect_equal "$(grep -c '^r' <<<"$output")" 3 "receivers of a group"
  expect_exit 0 lab run --receivers 2 -- echo 10.77.0.11 --- true
  expect_equal "$(grep -c '^r' <<<"$output")" 2 "receivers asked for"
}

# Each example of the help, as printed, with its own /tmp, because this machine's /tmp may have such folders.
case_examples() {
  local examples
  examples=$(lab --help | sed -n '/^Examples:/,/^$/p' | sed '1d;$d')
  expect_equal "$(grep -c '^  Tools/lab' <<<"$examples")" 8 "examples"
  cd "$repository"
  # /tmp is a private one here, and the repository may lie in the real /tmp.
  unshare --mount bash -euo pipefail -c "mount --bind . /mnt
mount -t tmpfs none /tmp
cd /mnt
$examples
[[ \$(ls /tmp/r3 | wc -l) == 20 ]]"
}

case_two_labs() {
  local first="a$BASHPID" second="b$BASHPID"
  lab up --id "$first" --receivers 1 --owner "$BASHPID"
  start_lab --id "$second" --receivers 1
  lab loss r1 100
  expect_exit 1 lab exec s ping -c 1 -W 1 10.77.0.11
  lab exec --id "$first" s ping -c 1 -W 60 10.77.0.11
  lab down --id "$first"
  expect_equal "$(lab list | grep -c "^$second ")" 1 "the other lab is still up"
}

expect_exit_of() { # PID CODE WHAT: of a child in the background
  local code=0
  wait "$1" || code=$?
  expect_equal "$code" "$2" "$3"
}
namespaces_of() { ip netns list | grep -c "^gl-$1-" || true; }

case_terminated() {
  local pid id="t$BASHPID"
  "$repository/Tools/lab" run --id "$id" --receivers 2 --ready-tcp 9000 -- sh -c "touch $scratch/runs; sleep 60" --- python3 -m http.server 9000 &
  pid=$!
  sender_runs
  kill -TERM "$pid"
  expect_exit_of "$pid" 143 "exit code"
  expect_equal "$(namespaces_of "$id")" 0 "namespaces left"
  expect_equal "$(ls -d "/run/gallery-lab/$id" 2>/dev/null || true)" "" "state left"
}

case_terminated_early() { # at several moments of the building, which takes about 0.3 s
  local delay pid id="e$BASHPID"
  for delay in 0.0{1..9} 0.1{0..9} 0.2 0.3 0.4; do
    "$repository/Tools/lab" run --id "$id" --receivers 5 -- sleep 60 --- sleep 60 &
    pid=$!
    sleep "$delay"
    kill -TERM "$pid"
    expect_exit_of "$pid" 143 "exit code after $delay s"
    expect_equal "$(namespaces_of "$id")" 0 "namespaces left after $delay s"
    expect_equal "$(ls -d "/run/gallery-lab/$id" 2>/dev/null || true)" "" "state left after $delay s"
  done
}

case_killed() {
  local pid id="k$BASHPID"
  "$repository/Tools/lab" run --id "$id" --receivers 2 -- sh -c "touch $scratch/runs; sleep 60" --- sleep 61 &
  pid=$!
  sender_runs
  kill -KILL "$pid"
  wait "$pid" || true
  expect_equal "$(namespaces_of "$id")" 4 "namespaces left by kill -9"
  lab up --id "l$$" --receivers 1 # has no owner, so clean leaves it
  start_lab --receivers 1 # a case's own: its owner lives
  expect_contains "$(lab clean)" "removed $id" "clean"
  expect_equal "$(namespaces_of "$id")" 0 "namespaces left by clean"
  expect_equal "$(namespaces_of "l$$")" 3 "another lab's namespaces"
  expect_equal "$(namespaces_of "$GALLERY_LAB_ID")" 3 "this case's lab's namespaces"
  lab down --id "l$$"
}

# Waits until the sender's command runs (the command makes the file).
sender_runs() { wait_until test -e "$scratch/runs"; }

test_case "hosts reach each other over IPv4 and IPv6" case_ping
test_case "without loss every packet arrives, and nothing else" case_no_loss
test_case "5 % loss is 5 % of the packets" case_packet_loss
test_case "loss holds for IPv6 too" case_ipv6_loss
test_case "each fragment of a 45 kB datagram is lost on its own" case_fragments
test_case "loss from the sender" case_outgoing_loss
test_case "receivers of a multicast lose independently" case_independent_loss
test_case "a broadcast reaches every receiver" case_broadcast
test_case "loss is set and cleared while the lab is up" case_loss_ends
test_case "a bottleneck passes its rate" case_bottleneck
test_case "captures hold every packet that was counted" case_capture
test_case "an ordinary user's run has losses, counters and captures" case_ordinary_user
test_case "run reports each exit code, limits and usage" case_run_codes
test_case "without --receivers a run has those that its sender names" case_run_receivers
test_case "each example of the help works as printed" case_examples
test_case "two labs at once do not meet" case_two_labs
test_case "a terminated run leaves nothing behind" case_terminated
test_case "a run terminated while it is built leaves nothing behind" case_terminated_early
test_case "clean removes a killed run's lab, and no other" case_killed
finish
