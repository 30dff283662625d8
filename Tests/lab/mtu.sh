#!/usr/bin/env bash
# The size of datagrams: a sender behind a router with a narrower next link finds the size that the path carries, whether
# the router reports it or not. An impossible size ends with one line, which says what to do.
source "$(dirname "$0")/testing.bash"
require_root

images=$repository/images/small
receiver_address=10.78.2.11

# path_up EDGE MIDDLE [silent]: hosts s and r with a router between them; packets of EDGE bytes leave s, of MIDDLE bytes
# arrive at r. `silent`: the router does not report that a packet was too large (a black hole).
path_up() {
  local host
  path=gm-$BASHPID
  trap 'path_down; end_case' EXIT
  for host in s m r; do
    ip netns add "$path-$host"
    ip -n "$path-$host" link set lo up
  done
  ip link add eth1 netns "$path-s" type veth peer name left netns "$path-m"
  ip link add eth1 netns "$path-r" type veth peer name right netns "$path-m"
  ip -n "$path-s" link set eth1 mtu "$1" up
  ip -n "$path-m" link set left mtu "$1" up
  ip -n "$path-m" link set right mtu "$2" up
  ip -n "$path-r" link set eth1 mtu "$2" up
  ip -n "$path-s" addr add 10.78.1.1/24 dev eth1
  ip -n "$path-m" addr add 10.78.1.2/24 dev left
  ip -n "$path-m" addr add 10.78.2.2/24 dev right
  ip -n "$path-r" addr add $receiver_address/24 dev eth1
  ip -n "$path-s" -6 addr add fd78:1::1/64 dev eth1 nodad
  ip -n "$path-m" -6 addr add fd78:1::2/64 dev left nodad
  if (($2 >= 1280)); then
    ip -n "$path-m" -6 addr add fd78:2::2/64 dev right nodad
    ip -n "$path-r" -6 addr add fd78:2::11/64 dev eth1 nodad
    ip -n "$path-r" -6 route add default via fd78:2::2
  fi
  ip -n "$path-s" route add default via 10.78.1.2
  ip -n "$path-s" -6 route add default via fd78:1::2
  ip -n "$path-r" route add default via 10.78.2.2
  at m bash -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
  [[ ${3:-} != silent ]] || at m nft -f - <<'RULES'
table inet silent {
  chain output {
    type filter hook output priority 0; policy accept;
    icmp type destination-unreachable drop
    icmpv6 type packet-too-big drop
  }
}
RULES
}
path_down() {
  local host
  for host in s m r; do
    ip netns pids "$path-$host" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns del "$path-$host" 2>/dev/null || true
  done
}
at() { ip netns exec "$path-$1" "${@:2}"; }

# A receiver in host $1, which ends after a session; $receiver is its process. Options of receive follow.
start_receiver() {
  at "$1" timeout 60 "$gallery" receive --into "$scratch/in" --json --quiet "${@:2}" >"$scratch/receive.json" 2>"$scratch/receive.err" &
  receiver=$!
  wait_until eval "[[ -n \$(ip netns exec $path-$1 ss -Hlun sport = :25000) ]]"
}
reported() { sed -nE "s/^ *\"$1\" *: *\"?([a-z0-9.]+)\"?,?$/\1/p" "$scratch/send.json" | head -n 1; }

# arrives EXPECTED-PACKET ADDRESS OPTIONS-OF-SEND…: the set arrives whole, in packets of this size, soon.
arrives() {
  at s timeout 60 "$gallery" send "$images" --to "$2" --json --quiet "${@:3}" >"$scratch/send.json"
  wait "$receiver"
  diff -r "$images" "$scratch/in"
  expect_equal "$(reported packetByteCount)" "$1" "bytes of a packet"
}
# fails MESSAGE-PART OPTIONS-OF-SEND…: exit code 6 and one line.
fails() {
  local code=0
  at s timeout 60 "$gallery" send "$images" --to $receiver_address --quiet "${@:2}" 2>"$scratch/send.err" || code=$?
  expect_equal "$code" 6 "exit code"
  expect_equal "$(wc -l <"$scratch/send.err")" 1 "lines of error"
  expect_contains "$(<"$scratch/send.err")" "$1" "the message"
}

# The announces of a trace, without those that repeat the one before them because an answer was slow to come.
all_announces() { tr -d '\036' <"$scratch/run.qlog" | grep datagram_sent | grep '"announce"'; }
announces() { all_announces | awk '{match($0, /"length":[0-9]+/); length_now = substr($0, RSTART, RLENGTH)} length_now != before; {before = length_now}'; }

case_ordinary() { # one announce more than before, no join more
  path_up 1500 1500
  start_receiver r
  arrives 1500 $receiver_address --trace "$scratch/run.qlog"
  expect_equal "$(reported isPathProbed)" true "probed"
  local announces
  announces=$(announces)
  expect_equal "$(wc -l <<<"$announces")" 2 "announces"
  expect_contains "$(head -n 1 <<<"$announces")" '"length":1472' "the first announce"
  expect_contains "$(tail -n 1 <<<"$announces")" '"length":100' "the announce that holds"
  expect_between "$(tr -d '\036' <"$scratch/run.qlog" | grep datagram_received | grep -c '"join"')" 1 "$(all_announces | wc -l)" "joins"
}
black_hole() { # EDGE MIDDLE EXPECTED OPTIONS…
  path_up "$1" "$2" silent
  start_receiver r
  arrives "$3" $receiver_address "${@:4}"
  # A trace would state the final size, and so do chunks: 60 bytes of headers.
  expect_equal "$(reported chunkByteCount)" $(($3 - 60)) "bytes of a chunk"
}
case_black_hole() { black_hole 1500 1400 1400; }
case_black_hole_odd() { black_hole 1500 1399 1280; }
case_jumbo_black_hole() { black_hole 9000 1500 1500; }
case_black_hole_lossy() { black_hole 9000 1500 1500 --drop '10%' --seed 3; }
case_jumbo() { black_hole 9000 9000 9000; }
case_black_hole_ipv6() {
  path_up 1500 1300 silent
  start_receiver r
  arrives 1280 fd78:2::11
}
case_loopback() {
  path_up 1500 1500
  start_receiver s
  arrives 65535 127.0.0.1
}

case_router_says() { # what it says is used to the byte, and is known to the next session from its start
  path_up 9000 1420
  start_receiver r
  arrives 1420 $receiver_address
  rm -r "$scratch/in"
  start_receiver r
  arrives 1420 $receiver_address --trace "$scratch/run.qlog"
  expect_equal "$(announces | wc -l)" 2 "announces of the second session"
}
case_router_says_ipv6() {
  path_up 1500 1420
  start_receiver r
  arrives 1420 fd78:2::11
}

# The trace states the final size, and `gallery trace` and its equations still balance.
case_trace() {
  path_up 1500 1400 silent
  start_receiver r --trace "$scratch/receiver.qlog"
  arrives 1400 $receiver_address --trace "$scratch/run.qlog"
  local side
  for side in run receiver; do
    expect_contains "$(tr -d '\036' <"$scratch/$side.qlog" | grep session_started | tail -n 1)" '"chunk_bytes":1340' "$side"
    expect_contains "$("$gallery" trace "$scratch/$side.qlog")" "chunks of 1,340 bytes" "gallery trace $side.qlog"
  done
}

case_fixed() {
  path_up 9000 9000
  start_receiver r
  arrives 4000 $receiver_address --mtu 4000
  expect_equal "$(reported isPathProbed)" false "probed"
}
case_fixed_too_large() {
  path_up 9000 1500 silent
  start_receiver r
  fails "leave out --mtu" --mtu 9000
  expect_contains "$(<"$scratch/send.err")" "does not carry packets of 9000 bytes" "the message"
  local code=0
  wait "$receiver" || code=$?
  ((code != 0)) || { echo "the receiver says that it has all"; exit 1; }
}
case_fixed_above_interface() {
  path_up 1500 1500
  fails "--mtu 1500" --mtu 2000
  fails "--mtu 1500" --mtu 2000 --mode broadcast
}
case_fixed_router_says() {
  path_up 1500 1400
  start_receiver r
  fails "--mtu 1400" --mtu 1500
}
case_below_every_size() { # then the receiver, whose session had not begun, goes on listening
  path_up 1500 1000 silent
  start_receiver r
  fails "--mtu"
  arrives 1000 $receiver_address --mtu 1000
}

# The path becomes narrower as soon as data flow.
becomes_narrow() {
  wait_until has_part "$scratch/in"
  ip -n "$path-m" link set right mtu 1400
}
case_narrower_on_the_way() {
  path_up 1500 1500
  start_receiver r
  becomes_narrow &
  fails "--mtu 1400" --rate 1Mbit
  expect_contains "$(<"$scratch/send.err")" "packets of 1500 bytes" "the message"
}

# The same, but no router reports it: small packets still pass, in both directions.
case_black_hole_on_the_way() {
  path_up 1500 1500 silent
  start_receiver r
  becomes_narrow &
  local code=0
  at s timeout 100 "$gallery" send "$images" --to $receiver_address --rate 1Mbit >"$scratch/send.out" 2>&1 || code=$?
  expect_equal "$code" 3 "exit code of send"
  expect_contains "$(<"$scratch/send.out")" "perhaps a firewall or a narrower path stops large packets" "what the sender says"
  code=0
  wait "$receiver" || code=$?
  expect_equal "$code" 3 "exit code of receive"
}

test_case "the ordinary path: one announce padded, one that holds, one join" case_ordinary
test_case "a black hole of 1,400 bytes behind an Ethernet" case_black_hole
test_case "a black hole of 1,399 bytes" case_black_hole_odd
test_case "jumbo frames, and a black hole of 1,500 bytes behind them" case_jumbo_black_hole
test_case "the same with 10 % of the datagrams dropped" case_black_hole_lossy
test_case "jumbo frames all the way" case_jumbo
test_case "a black hole in IPv6" case_black_hole_ipv6
test_case "loopback: 65,507 bytes" case_loopback
test_case "a router that says what it carries is believed, to the byte" case_router_says
test_case "the same in IPv6" case_router_says_ipv6
test_case "a trace says the size that holds" case_trace
test_case "--mtu fixes the size" case_fixed
test_case "--mtu above what a black hole carries" case_fixed_too_large
test_case "--mtu above what the interface carries" case_fixed_above_interface
test_case "--mtu above what a router says" case_fixed_router_says
test_case "a path below every size" case_below_every_size
test_case "a path that becomes narrower while data flow" case_narrower_on_the_way
test_case "a black hole that appears while data flow" case_black_hole_on_the_way
finish
