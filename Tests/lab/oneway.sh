#!/usr/bin/env bash
# One-way sessions between hosts of a lab: nothing comes back, and every image's bytes are compared.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/modes.bash"
require_root

# Starts a receiver on a host, and waits until it is bound. Its process id goes to ${pid[HOST]}.
declare -A pid
receiver() { # HOST OPTION…
  local host=$1
  shift
  lab exec "$host" "$gallery" receive --into "$scratch/$host" --json "$@" >"$scratch/$host.json" 2>"$scratch/$host.log" &
  pid[$host]=$!
  wait_until is_bound_in "$host" 25000
}

# The receiver ends with this exit code.
ends_with() { # HOST CODE
  local code=0
  wait "${pid[$1]}" || code=$?
  [[ $code == "$2" ]] || cat "$scratch/$1.log" "$scratch/$1.json"
  expect_equal "$code" "$2" "the exit code of the receiver on $1"
}

# No datagram left this host, by its kernel's count.
said_nothing() { # HOST
  expect_equal "$(lab exec "$1" awk '/^Udp:/ && ++line == 2 { print $5 }' /proc/net/snmp)" 0 "UDP datagrams that left $1"
}

# Three receivers lose 10 %, one of them starts half-way: when half of the files have arrived at another. Each is whole.
one_way_at_loss() { # MODE SENDER-OPTIONS -- RECEIVER-OPTIONS
  local mode=$1 host code=0 sender=() files
  shift
  some_of_the_large
  files=("$some"/*)
  while [[ $1 != -- ]]; do sender+=("$1"); shift; done
  shift
  start_lab --receivers 3
  for host in r1 r2; do receiver $host --mode "$mode" "$@" --drop 10% --seed "${host#r}"; done
  lab exec s "$gallery" send "$some" --mode "$mode" "${sender[@]}" --one-way --rounds 2 --rate 40Mbit --json \
    >"$scratch/sent.json" 2>"$scratch/sent.log" &
  local sending=$!
  files_in "$scratch/r1" $((${#files[@]} / 2))
  receiver r3 --mode "$mode" "$@" --drop 10% --seed 3
  for host in "${receivers[@]}"; do
    ends_with $host 0
    same_files "$some" "$scratch/$host"
    said_nothing $host
  done
  wait $sending || code=$?
  expect_equal $code 0 "the sender's exit code"
  expect_equal "$(json_number "$(grep roundCount "$scratch/sent.json")" roundCount)" 2 "rounds"
  ! grep isWhole "$scratch/sent.json" || { echo "the sender cannot know this"; exit 1; }
  expect_contains "$(cat "$scratch/sent.log")" "nobody knows what arrived" "what the sender says"
}
case_multicast() { one_way_at_loss multicast --to $group --interface eth1 -- --group $group --interface eth1; }
case_broadcast() { one_way_at_loss broadcast --to 10.77.0.255 --; }

# A receiver is done before the sender: it waits for no end.
case_for_ever() {
  local code=0
  start_lab --receivers 1
  receiver r1
  "$repository/Tools/lab" exec s "$gallery" send "$small" --to 10.77.0.11 --one-way --rounds forever --json >"$scratch/sent.json" 2>"$scratch/sent.log" &
  local sending=$!
  ends_with r1 0
  same_files "$small" "$scratch/r1"
  said_nothing r1
  kill -TERM $sending
  wait $sending || code=$?
  expect_equal $code 130 "the exit code of a sender that its user ended"
}

# 40 % of the datagrams are lost and one round has a quarter more than the set: the receiver says what it misses.
case_too_much_loss() {
  local code=0
  start_lab --receivers 1
  receiver r1 --drop 40%
  lab exec s "$gallery" send "$large" --to 10.77.0.11 --one-way --rounds 1 --rate 50Mbit --quiet || code=$?
  expect_equal $code 0 "the sender's exit code"
  ends_with r1 3
  said_nothing r1
  local file
  for file in "$large"/*; do
    [[ -e $scratch/r1/${file##*/} ]] && { cmp "$file" "$scratch/r1/${file##*/}"; continue; }
    expect_contains "$(cat "$scratch/r1.log")" "${file##*/} did not arrive whole" "what the receiver says"
  done
  expect_contains "$(cat "$scratch/r1.log")" "the sender has sent all its rounds" "what the receiver says"
}

# Without parity one round repairs nothing: as many chunks as were dropped do not arrive, and their files are named.
case_no_repair() {
  start_lab --receivers 1
  receiver r1
  lab exec s "$gallery" send "$small" --to 10.77.0.11 --one-way --rounds 1 --parity off --drop 'out: 5%' --rate 20Mbit --json \
    >"$scratch/sent.json" 2>"$scratch/sent.log"
  ends_with r1 3
  said_nothing r1
  expect_equal "$(json_number "$(<"$scratch/sent.json")" parityDatagrams)" 0 "symbols"
  local dropped chunks held
  dropped=$(json_number "$(<"$scratch/sent.json")" inducedDropsOutgoing) # all of them chunks, with this seed
  chunks=$(json_number "$(<"$scratch/sent.json")" chunkCount)
  held=$(json_number "$(<"$scratch/r1.json")" chunksHeld)
  ((dropped > 0)) || { echo "nothing was dropped"; exit 1; }
  expect_equal "$held" "$((chunks - dropped))" "chunks that arrived"
  expect_contains "$(<"$scratch/r1.log")" "did not arrive whole" "what the receiver says"
}

test_case "one-way multicast, 10 % loss, three receivers, one of which starts half-way: whole" case_multicast
test_case "one-way broadcast, 10 % loss, three receivers, one of which starts half-way: whole" case_broadcast
test_case "a one-way sender without end: its receiver is done before it" case_for_ever
test_case "one-way with more loss than a round repairs: the receiver names what is missing" case_too_much_loss
test_case "one-way, one round, no parity: what was dropped is missing" case_no_repair
finish
