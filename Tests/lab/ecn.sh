#!/usr/bin/env bash
# Marks in place of drops (ECN, RFC 3168; Specs/chunked-udp.md §6.16): at a bottleneck whose queue marks what may be marked,
# nothing is lost, the path is used, both sides count the marks that the kernel made, and every file arrives.
#
# GALLERY_FULL=1: at 100 Mb/s with 30 ms of queue, which only a quiet machine shows: a sender that waits for its processor sends
# in bursts, and marks do not prevent what these lose. By default 20 Mb/s, where the same waits are a fifth of the datagrams.
source "$(dirname "$0")/testing.bash"
require_root

peer=$repository/Tests/lab/peer
megabytes=4 megabits=20 buffer=100ms
[[ -z ${GALLERY_FULL:-} ]] || megabytes=12 megabits=100 buffer=30ms
group=239.7.7.7

# bottleneck [RECEIVERS]: the way to r1 has this rate and this queue; above 98 % of the rate by 16 packets it marks.
bottleneck() {
  local packets=$((megabits * 1000000 * 98 / 100 / 8 / 1514)) # a second
  start_lab --receivers "${1:-1}"
  mkdir -p "$scratch/set"
  head -c $((megabytes * 1000000)) /dev/urandom >"$scratch/set/a.bin"
  lab shape r1 "${megabits}mbit" --buffer "$buffer"
  at_bridge nft -f - <<RULES
table netdev marking {
  counter marked { }
  chain above {
    type filter hook egress device "r1" priority 0; policy accept;
    ip ecn { ect0, ect1 } limit rate over $packets/second burst 16 packets ip ecn set ce counter name marked
    ip6 ecn { ect0, ect1 } limit rate over $packets/second burst 16 packets ip6 ecn set ce counter name marked
  }
}
RULES
}
at_bridge() { ip netns exec "gl-$GALLERY_LAB_ID-b" "$@"; }
marked_by_kernel() { at_bridge nft list counter netdev marking marked | sed -nE 's/.*packets ([0-9]+).*/\1/p'; }
dropped_by_queue() { json_number "$(lab counters r1)" shaperDroppedPackets; }
value() { sed -nE "s/^ *\"$2\" *: *\"?([a-z0-9.]+)\"?,?$/\1/p" "$scratch/$1.json" | head -n 1; }

# transfer ADDRESS [OPTIONS-OF-SEND…]: to r1, with reports send.json and receive.json, and the packets at s and r1.
transfer() {
  lab capture s "$scratch/s.pcap"
  lab exec r1 timeout 60 "$gallery" receive --into "$scratch/in" --json --quiet >"$scratch/receive.json" &
  local receiver=$!
  wait_until is_bound_in r1 25000
  lab exec s timeout 60 "$gallery" send "$scratch/set" --to "$1" --all --json --quiet "${@:2}" >"$scratch/send.json"
  wait "$receiver"
  lab capture-stop s
  diff -r "$scratch/set" "$scratch/in"
}

# Packets of the session that left s: how many have each value of the ECN field ("0" not-ECT, "2" ECT(0)).
fields() {
  tshark -r "$scratch/s.pcap" -Y "udp.dstport == 25000" -T fields -e "$1" 2>/dev/null | sort | uniq -c |
    awk '{printf "%s%s:%s", (NR > 1 ? " " : ""), $2, $1} END {print ""}'
}

# The rate in thousandths of what the bottleneck carries in chunks of 1,440 bytes; HEADERS: bytes around a chunk on the wire.
expect_used() { # HEADERS
  local permille
  permille=$(awk -v bytes="$(value send fileByteCount)" -v seconds="$(value send transferSeconds)" -v chunk="$(value send chunkByteCount)" \
    -v headers="$1" -v rate="$megabits" 'BEGIN {printf "%d", 1000 * bytes * 8 / seconds / (rate * 1e6 * chunk / (chunk + headers))}')
  echo "figures: $permille permille of the bottleneck, $(value receive datagramsMarked) of $(value receive datagramsReceived) marked"
  expect_between "$permille" "$([[ -n ${GALLERY_FULL:-} ]] && echo 930 || echo 600)" 1020 "thousandths of the bottleneck"
}

# The sender was told of the marks: of all before the last report, behind which some datagrams of the end follow.
expect_told() { # TOLD MARKED WHAT
  expect_between "$1" $(($2 > 64 ? $2 - 64 : 1)) "$2" "$3"
}

# Nothing is lost, and the three who count agree.
expect_marks() {
  local marked
  marked=$(marked_by_kernel)
  expect_between "$marked" 1 1000000 "datagrams marked by the kernel"
  expect_told "$(value receive datagramsMarked)" "$marked" "datagrams that came marked"
  expect_told "$(value send datagramsMarked)" "$marked" "datagrams that the sender was told of"
  expect_equal "$(value send areMarksAllowed)" true "marks allowed to the end"
  expect_equal "$(value send datagramsLost)" 0 "datagrams lost"
  expect_equal "$(value send repairDatagrams)" 0 "repairs"
  expect_equal "$(dropped_by_queue)" 0 "dropped in the queue"
}

case_ipv4() {
  bottleneck
  transfer 10.77.0.11
  expect_marks
  expect_used 74
  # The announces before the join are not marked, and everything from the first chunk on may be.
  local kinds
  kinds=$(fields ip.dsfield.ecn)
  [[ $kinds =~ ^0:([0-9]+)\ 2:([0-9]+)$ ]] || { echo "fields: $kinds"; exit 1; }
  expect_between "${BASH_REMATCH[1]}" 1 10 "packets that must not be marked"
  expect_equal $((BASH_REMATCH[1] + BASH_REMATCH[2])) "$(value send datagramsSent)" "packets"
}
case_ipv6() {
  bottleneck
  transfer fd77::11
  expect_marks
  expect_used 94
  [[ $(fields ipv6.tclass.ecn) =~ ^0:[0-9]+\ 2:[0-9]+$ ]] || { fields ipv6.tclass.ecn; exit 1; }
}

case_people() { # what a user reads, and what a trace says
  bottleneck
  lab exec r1 timeout 60 "$gallery" receive --into "$scratch/in" >"$scratch/receive.out" 2>&1 &
  local receiver=$!
  wait_until is_bound_in r1 25000
  lab exec s timeout 60 "$gallery" send "$scratch/set" --to 10.77.0.11 --all --trace "$scratch/send.qlog" >"$scratch/send.out" 2>&1
  wait "$receiver"
  local text='came marked: a queue on the way was full, and kept them'
  expect_contains "$(<"$scratch/send.out")" "$text" "the sender's report"
  expect_contains "$(<"$scratch/receive.out")" "$text" "the receiver's report"
  expect_told "$(tr -d '\036' <"$scratch/send.qlog" | sed -nE 's/.*"marked":([0-9]+).*/\1/p' | tail -n 1)" \
    "$(marked_by_kernel)" "marks in the trace"
}

case_peer() { # a receiver that does not count marks gets none
  bottleneck
  lab exec r1 timeout 60 python3 "$peer/receiver.py" --port 25000 --seconds 50 --address 10.77.0.11 --into "$scratch/in" >/dev/null &
  local receiver=$!
  lab capture s "$scratch/s.pcap"
  wait_until is_bound_in r1 25000
  lab exec s timeout 60 "$gallery" send "$scratch/set" --to 10.77.0.11 --all --json --quiet >"$scratch/send.json"
  wait "$receiver"
  lab capture-stop s
  diff -r "$scratch/set" "$scratch/in"
  expect_equal "$(fields ip.dsfield.ecn)" "0:$(value send datagramsSent)" "packets that must not be marked"
  expect_equal "$(marked_by_kernel)" 0 "datagrams marked by the kernel"
  expect_equal "$(value send areMarksAllowed)" false "marks allowed"
}

# The member with the bottleneck sets the pace, and nothing is lost. The rate waits for its first report: the other one's path is
# as wide as the host is fast.
case_group() {
  bottleneck 2
  local host receivers=()
  for host in r1 r2; do
    lab exec "$host" timeout 60 "$gallery" receive --mode multicast --group "$group" --interface eth1 --into "$scratch/$host" \
      --json --quiet >"$scratch/$host.json" &
    receivers+=("$!")
    wait_until is_bound_in "$host" 25000
  done
  lab exec s timeout 60 "$gallery" send "$scratch/set" --mode multicast --to "$group" --interface eth1 --receivers 2 --all --json \
    --quiet >"$scratch/send.json"
  wait "${receivers[@]}"
  diff -r "$scratch/set" "$scratch/r1"
  diff -r "$scratch/set" "$scratch/r2"
  # The kernel goes on marking what is for the other one when r1 is done.
  expect_between "$(value r1 datagramsMarked)" 1 "$(marked_by_kernel)" "datagrams that came marked at r1"
  expect_equal "$(value r2 datagramsMarked)" 0 "datagrams that came marked at r2"
  expect_equal "$(dropped_by_queue)" 0 "dropped in the queue"
}

# An induced bottleneck marks as a real one does: the sender's, the receiver's, and that of a relay between them.
induced() { # PORT OPTIONS-OF-RECEIVE… -- OPTIONS-OF-SEND…
  local to=$1 receive=()
  shift
  while [[ $1 != -- ]]; do receive+=("$1"); shift; done
  rm -rf "$scratch/in"
  lab exec s timeout 60 "$gallery" receive --bind 127.0.0.1 --into "$scratch/in" --json --quiet "${receive[@]}" \
    >"$scratch/receive.json" &
  local receiver=$!
  wait_until is_bound_in s 25000
  lab exec s timeout 60 "$gallery" send "$scratch/set" --to "127.0.0.1:$to" --mtu 1500 --all --json --quiet "${@:2}" \
    >"$scratch/send.json"
  wait "$receiver"
  diff -r "$scratch/set" "$scratch/in"
  echo "marked: $(value receive datagramsMarked)"
  expect_between "$(value receive datagramsMarked)" 1 1000000 "datagrams that came marked"
  expect_told "$(value send datagramsMarked)" "$(value receive datagramsMarked)" "datagrams that the sender was told of"
}
case_induced() {
  local narrow='rate 20Mbit; buffer 200ms; mark 5ms'
  start_lab --receivers 1
  mkdir "$scratch/set"
  head -c 2000000 /dev/urandom >"$scratch/set/a.bin"
  induced 25000 -- --impair "out: $narrow"
  induced 25000 --impair "in: $narrow" --
  lab exec s timeout 60 "$gallery" impair --listen 25001 --to 127.0.0.1:25000 --impair "out: $narrow" --for 20s --quiet \
    >"$scratch/relay.out" 2>&1 &
  wait_until is_bound_in s 25001
  induced 25001 --
}

test_case "a queue of 100 Mb/s that marks: used, and nothing is lost" case_ipv4
test_case "the same in IPv6" case_ipv6
test_case "what people and traces are told" case_people
test_case "a receiver that counts no marks gets none" case_peer
test_case "a group with one member behind such a queue" case_group
test_case "bottlenecks of --impair and of a relay mark too" case_induced
finish
