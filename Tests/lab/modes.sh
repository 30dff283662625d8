#!/usr/bin/env bash
# The four modes, in both protocols, between hosts of a lab. Every image's bytes are compared.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/modes.bash"
require_root

sent_bytes() { json_number "$(grep '"host":"s"' "$scratch/counters")" txBytes; }

chunked() { # MODE LOWEST HIGHEST: what the sender's wire carries, in percent of the set
  local to receive ready size host
  options_of "$1"
  lab run --receivers 3 --loss 5 --counters "$scratch/counters" $ready 25000 --timeout 90 -- \
    "$gallery" send "$large" --mode "$1" "${to[@]}" --quiet --- \
    "$gallery" receive --mode "$1" "${receive[@]}" --into "$scratch/{host}" --quiet
  for host in "${receivers[@]}"; do same_files "$large" "$scratch/$host"; done
  size=$(du -cb "$large"/* | tail -n 1 | cut -f 1)
  expect_between $(($(sent_bytes) * 100 / size)) "$2" "$3" "bytes on the sender's wire, in % of the set"
}
# 5 % of headers. With three receivers that lose 5 % independently, 15 % of the chunks are requested at least once.
case_chunked_broadcast() { chunked broadcast 100 135; }
case_chunked_multicast() { chunked multicast 100 135; }
case_chunked_unicast() { chunked unicast 315 360; }
case_chunked_tcp() { chunked tcp 315 360; }

# Three receivers that lose 5 %: with parity fewer datagrams leave than without, and chunks are rebuilt.
case_parity() {
  local to receive ready host parity rebuilt some
  some_of_the_large
  options_of multicast
  for parity in auto off; do
    lab run --receivers 3 --loss 5 --logs "$scratch" $ready 25000 --timeout 90 -- \
      sh -c "exec $gallery send '$some' --mode multicast ${to[*]} --parity $parity --json --quiet >$scratch/sent-$parity.json" --- \
      sh -c "exec $gallery receive --mode multicast ${receive[*]} --into $scratch/$parity/{host} --json --quiet >$scratch/{host}-$parity.json"
    for host in "${receivers[@]}"; do
      same_files "$some" "$scratch/$parity/$host"
      rebuilt=$(json_number "$(grep chunksRebuilt "$scratch/$host-$parity.json")" chunksRebuilt)
      if [[ $parity == auto ]]; then
        ((rebuilt > 0)) || { echo "$host rebuilt no chunk"; exit 1; }
      else
        expect_equal "$rebuilt" 0 "chunks rebuilt without parity"
      fi
    done
  done
  expect_equal "$(json_number "$(grep parityDatagrams "$scratch/sent-off.json")" parityDatagrams)" 0 "symbols without parity"
  local with without
  with=$(json_number "$(grep datagramsSent "$scratch/sent-auto.json")" datagramsSent)
  without=$(json_number "$(grep datagramsSent "$scratch/sent-off.json")" datagramsSent)
  echo "figures: $with datagrams with parity, $without without"
  ((with < without)) || { echo "$with datagrams with parity, $without without"; exit 1; }
}

naive() { # MODE: gallery with gallery
  local to receive ready host
  options_of "$1"
  [[ $1 != broadcast && $1 != multicast ]] || to=("${to[@]/--receivers/}") to=("${to[@]/#3/}")
  local destinations=("$addresses")
  if [[ $1 == unicast || $1 == tcp ]]; then IFS=, read -ra destinations <<<"$addresses"; else destinations=("${to[1]}"); fi
  local interface=()
  [[ $1 != multicast ]] || interface=(--interface eth1)
  lab run --receivers 3 $ready 25000 --timeout 60 -- bash -c '
    gallery=$1 folder=$2 mode=$3; shift 3
    [[ $mode == tcp ]] || wait="--wait 500ms"
    for to; do "$gallery" send "$folder" --protocol naive --mode $mode --to $to '"${interface[*]}"' --pause 5ms ${wait:-} --quiet; done
  ' sender "$gallery" "$small" "$1" "${destinations[@]}" --- \
    "$gallery" receive --protocol naive --mode "$1" "${receive[@]}" --into "$scratch/{host}" --idle-timeout 20s --quiet
  for host in "${receivers[@]}"; do same_sequence "$small" "$scratch/$host"/*; done
}
case_naive_unicast() { naive unicast; }
case_naive_broadcast() { naive broadcast; }
case_naive_multicast() { naive multicast; }
case_naive_tcp() { naive tcp; }

# Waits until N receivers in HOST have bound port 25000.
bound() { # HOST N
  timeout 60 bash -c 'until (($(ip netns exec "gl-$GALLERY_LAB_ID-'"$1"'" ss -Hlun sport = :25000 | wc -l) >= '"$2"')); do sleep 0.05; done'
}

case_ten_receivers_on_one_host() {
  local i pids=() code=0 some
  some_of_the_large
  start_lab --receivers 1
  for i in {0..9}; do
    lab exec r1 "$gallery" receive --mode multicast --group $group --interface eth1 --into "$scratch/in$i" --idle-timeout 10s >"$scratch/log$i" 2>&1 &
    pids+=($!)
  done
  bound r1 10
  # Slow enough that the fourth is killed in the middle: when its first file is whole.
  lab exec s "$gallery" send "$some" --mode multicast --to $group --interface eth1 --receivers 10 --rate 30Mbit --json >"$scratch/send" 2>&1 &
  local sender=$!
  files_in "$scratch/in3" 1
  pkill -KILL -f "receive .*--into $scratch/in3 "
  wait $sender || code=$?
  expect_equal $code 3 "the sender's exit code with one receiver lost"
  expect_contains "$(cat "$scratch/send")" "fell silent" "the sender's report"
  expect_equal "$(grep -cE '"outcome" ?: ?"whole"' "$scratch/send")" 9 "receivers that got all"
  for i in 0 1 2 4 5 6 7 8 9; do
    wait "${pids[i]}"
    same_files "$some" "$scratch/in$i"
  done
}

case_late_receiver() {
  start_lab --receivers 2
  lab exec r1 "$gallery" receive --mode multicast --group $group --interface eth1 --into "$scratch/r1" --quiet &
  local first=$!
  bound r1 1
  lab exec s "$gallery" send "$large" --mode multicast --to $group --interface eth1 --receivers 1 --rate 40Mbit >"$scratch/send" 2>&1 &
  local sender=$!
  # The second receiver starts when two of eight files have arrived. The others take 5 s at this rate.
  files_in "$scratch/r1" 2
  lab exec r2 "$gallery" receive --mode multicast --group $group --interface eth1 --into "$scratch/r2" --json --quiet >"$scratch/r2.json"
  wait $first
  wait $sender
  same_files "$large" "$scratch/r1"
  same_files "$large" "$scratch/r2"
  # It misses 8,000 chunks and more. The sender repairs by a budget (Specs/chunked-udp.md §6.6), and requests beyond it are
  # repeated, for 5 s and more on a busy host.
  local report
  report=$(tr -d '\n' <"$scratch/r2.json")
  (($(json_number "$report" chunksAskedFor) >= 3000)) || { echo "$report"; exit 1; }
  expect_between "$(json_number "$report" nacksSent)" 1 300 "NACKs of the late one"
}

# A second sender on the group and port of a running session, and noise: the session is whole, with no file of the other.
case_two_sessions() {
  start_lab --receivers 3
  local host code=0 some
  some_of_the_large
  receivers_of_a_group
  # A stray sender of noise on the same group and port, during the whole transfer.
  lab exec s timeout 100 python3 -c '
import os, random, socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.77.0.1"))
for i in range(2000):
    noise = os.urandom(random.randrange(1, 1400))
    s.sendto(noise if i % 2 else b"G\x01\x03" + noise, ("224.1.1.5", 25000))
    time.sleep(0.001)' &
  local noise=$!
  lab exec s "$gallery" send "$some" --mode multicast --to $group --interface eth1 --receivers 3 --rate 30Mbit --quiet >"$scratch/a" 2>&1 &
  local a=$!
  files_in "$scratch/r1" 1
  lab exec s "$gallery" send "$small" --mode multicast --to $group --interface eth1 --wait 1s --quiet >"$scratch/b" 2>&1 || code=$?
  expect_equal $code 5 "the exit code of the sender whom no receiver answered"
  wait $a
  wait "${pids[@]}"
  wait $noise
  for host in "${receivers[@]}"; do
    same_files "$some" "$scratch/$host"
    (($(json_number "$(grep strayDatagrams "$scratch/$host.json")" strayDatagrams) > 0)) || { echo "$host heard one session only"; exit 1; }
  done
}

# Two senders that start at once: each receiver ends with one of the sets, whole, and with no file of the other. A receiver
# joins both, and takes the one whose chunk is the first: it is lost for the other (3), or all three are (5).
case_two_sessions_at_once() {
  start_lab --receivers 3
  local host set codes=() code some
  some_of_the_large
  receivers_of_a_group
  for set in "$some" "$small"; do
    lab exec s "$gallery" send "$set" --mode multicast --to $group --interface eth1 --wait 2s --quiet >"$scratch/send-${set##*/}" 2>&1 &
    codes+=($!)
  done
  wait "${pids[@]}"
  for host in "${receivers[@]}"; do
    same_files "$some" "$scratch/$host" >/dev/null || same_files "$small" "$scratch/$host"
  done
  for host in "${codes[@]}"; do
    code=0
    wait "$host" || code=$?
    [[ $code == 0 || $code == 3 || $code == 5 ]] || { echo "a sender's exit code is $code"; cat "$scratch"/send-*; exit 1; }
  done
}

# Starts a receiver of the group on each receiving host, and waits until each is bound. Their process ids: $pids.
receivers_of_a_group() {
  pids=()
  for host in "${receivers[@]}"; do
    lab exec $host "$gallery" receive --mode multicast --group $group --interface eth1 --into "$scratch/$host" --json --quiet >"$scratch/$host.json" &
    pids+=($!)
    bound $host 1
  done
}

case_naive_sender_to_chunked_receiver() {
  local code=0
  start_lab --receivers 1
  lab exec r1 "$gallery" receive --into "$scratch/r1" --wait 8s >"$scratch/log" 2>&1 &
  local receiver=$!
  bound r1 1
  lab exec s "$gallery" send "$small" --protocol naive --to 10.77.0.11 --wait 100ms --quiet
  wait $receiver || code=$?
  expect_equal $code 6 "the receiver's exit code"
  expect_contains "$(cat "$scratch/log")" "--protocol naive" "what the receiver says"
}

# IPv6: unicast, multicast (scope by interface) and TCP, 5 % loss.
ipv6() { # MODE SENDER-OPTIONS… -- RECEIVER-OPTIONS…
  local mode=$1 host sender=() ready=--ready-udp
  shift
  while [[ $1 != -- ]]; do sender+=("$1"); shift; done
  shift
  [[ $mode != tcp ]] || ready=--ready-tcp
  lab run --receivers 2 --loss 5 $ready 25000 --timeout 60 -- \
    "$gallery" send "$small" --mode "$mode" "${sender[@]}" --quiet --- \
    "$gallery" receive --mode "$mode" "$@" --into "$scratch/{host}" --quiet
  for host in r1 r2; do same_files "$small" "$scratch/$host"; done
}
case_ipv6_unicast() { ipv6 unicast --to fd77::11,fd77::12 --; }
case_ipv6_tcp() { ipv6 tcp --to '[fd77::11]:25000' --to fd77::12 --; }
case_ipv6_multicast() { ipv6 multicast --to ff15::47 --interface eth1 --receivers 2 -- --group ff15::47 --interface eth1; }

for mode in unicast multicast tcp; do
  test_case "chunked $mode over IPv6, 5 % loss" case_ipv6_$mode
done
for mode in unicast broadcast multicast tcp; do
  test_case "chunked $mode to three receivers, 5 % loss: whole; the wire carries what it must" case_chunked_$mode
  test_case "naive $mode, gallery to gallery" case_naive_$mode
done
test_case "multicast with parity, 5 % loss: fewer datagrams than without, and chunks rebuilt" case_parity
test_case "ten receivers on one host, one killed half-way" case_ten_receivers_on_one_host
test_case "a receiver that comes when two files are gone gets all" case_late_receiver
test_case "two sessions and noise on one group and port" case_two_sessions
test_case "two senders that start at once: each receiver has one set, whole" case_two_sessions_at_once
test_case "a naive sender at a chunked receiver is named" case_naive_sender_to_chunked_receiver
finish
