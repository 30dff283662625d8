#!/usr/bin/env bash
# Whole transfers of images/large by two real processes: every file is intact at any loss, few datagrams are superfluous,
# only lost chunks are repaired, and memory does not grow with the set.
#
# By default each loss is tried with two seeds. GALLERY_FULL=1 tries 20, and sends a file of 4 GiB instead of 512 MiB.
# With TRANSFERS_LOG=FILE a line of figures for each transfer is added to FILE.
source "$(dirname "$0")/testing.bash"

images=$repository/images/large
seed_count=2 large_size=512M case_seconds=240
[[ -z ${GALLERY_FULL:-} ]] || { seed_count=20 large_size=4G case_seconds=800; }
# A datagram has 1,472 bytes at this MTU, so that a set has as many datagrams as on Ethernet.
mtu=1500

# number KEY FILE: the first number of that name in a JSON summary.
number() { sed -nE "s/^ *\"$1\" *: *(-?[0-9.]+),?$/\1/p" "$2" | head -n 1; }

free_port() {
  local port
  for ((port = 26000 + RANDOM % 4000; port < 30100; port++)); do is_bound "$port" || { echo "$port"; return; }; done
}

# transfer FOLDER SENDER-OPTIONS…: sends it to a receiver on loopback; $scratch/{in,send.json,receive.json}.
transfer() {
  local folder=$1 port receiver code=0
  rm -rf "$scratch/in"
  port=$(free_port)
  timeout --kill-after=2 200 "$gallery" receive --bind 127.0.0.1 --port "$port" --into "$scratch/in" --quiet --json \
    >"$scratch/receive.json" &
  receiver=$!
  wait_until is_bound "$port"
  timeout --kill-after=2 200 "$gallery" send "$folder" --to "127.0.0.1:$port" --quiet --json "${@:2}" >"$scratch/send.json" || code=$?
  expect_equal "$code" 0 "exit code of send ${*:2}"
  wait "$receiver" || code=$?
  expect_equal "$code" 0 "exit code of receive, for send ${*:2}"
}

# The same files with the same bytes, and no other file or work folder.
expect_intact() { diff -r "$images" "$scratch/in" || { echo "the inbox is not the same as $images"; exit 1; }; }

log_figures() { # NAME LOSS SEED
  [[ -z ${TRANSFERS_LOG:-} ]] || printf '%s loss %s seed %s: chunks %s datagrams %s first %s repair %s asked %s duplicate %s seconds %s\n' "$@" \
    "$(number chunkCount "$scratch/send.json")" "$(number datagramsSent "$scratch/send.json")" \
    "$(number firstDatagrams "$scratch/send.json")" "$(number repairDatagrams "$scratch/send.json")" \
    "$(number chunksAskedFor "$scratch/receive.json")" "$(number duplicateChunks "$scratch/receive.json")" \
    "$(number transferSeconds "$scratch/send.json")" >>"$TRANSFERS_LOG"
}

# With the interface's own size, 65,507 bytes on loopback, there are fewer datagrams, so each loss counts more.
case_losses() {
  local loss seed
  for loss in 0 1 5 10 30; do
    for ((seed = 1; seed <= seed_count; seed++)); do
      transfer "$images" --drop "$loss%" --seed "$seed"
      expect_intact
      log_figures large "$loss" "$seed"
    done
  done
}

case_losses_ethernet() {
  local loss seed
  for loss in 0 1 5 10 30; do
    for ((seed = 1; seed <= seed_count; seed++)); do
      transfer "$images" --drop "$loss%" --seed "$seed" --mtu $mtu
      expect_intact
      log_figures ethernet "$loss" "$seed"
      ((loss <= 10)) || continue
      # sent ÷ chunks ≤ 1.03 ÷ (1 − p), in integers. What a receiver's full socket dropped is sent once more.
      local sent chunks full
      sent=$(number datagramsSent "$scratch/send.json") chunks=$(number chunkCount "$scratch/send.json")
      full=$(number socketDrops "$scratch/receive.json")
      expect_between "$((sent * (100 - loss) * 100))" 0 "$(((chunks + ${full:-0}) * 100 * 103))" \
        "datagrams sent × (1 − p), of $chunks chunks at $loss %, with ${full:-0} dropped by the socket"
    done
  done
}

# Nearly all repairs were for lost chunks, where a twentieth of all datagrams comes late. On a busy host some come later than
# twice the largest lateness so far, and what a full socket drops is lost too. (The simulator counts exactly.)
case_reordering() {
  local seed lost repairs all_lost=0 all_repairs=0
  for ((seed = 1; seed <= seed_count; seed++)); do
    transfer "$images" --impair '5%;dup:5%;reorder:5%' --seed "$seed" --mtu $mtu
    expect_intact
    log_figures reorder 5 "$seed"
    lost=$(($(number inducedDropsOutgoing "$scratch/send.json") + $(number socketDrops "$scratch/receive.json")))
    repairs=$(number repairDatagrams "$scratch/send.json")
    all_lost=$((all_lost + lost)) all_repairs=$((all_repairs + repairs))
  done
  expect_between "$((all_repairs * 100))" 0 "$((all_lost * 105))" "repairs × 100, for $all_lost datagrams lost"
}

# Two hosts over veth, where every packet is one datagram, and the kernel drops 5 % in each direction.
# Sends the images from s to r1 of this case's lab. Both sides end with success, and every file is whole.
transfer_in_lab() {
  local receiver code=0
  lab exec r1 timeout --kill-after=2 200 "$gallery" receive --into "$scratch/in" --quiet --json >"$scratch/receive.json" &
  receiver=$!
  wait_until is_bound_in r1 25000
  lab exec s timeout --kill-after=2 200 "$gallery" send "$images" --to 10.77.0.11 --quiet --json >"$scratch/send.json" || code=$?
  expect_equal "$code" 0 "exit code of send"
  wait "$receiver" || code=$?
  expect_equal "$code" 0 "exit code of receive"
  expect_intact
}

case_two_hosts() {
  require_root
  start_lab --receivers 1 --offloads off
  lab loss r1 5 --direction both
  transfer_in_lab
  log_figures veth 5 kernel
  lab counters r1
}

# refuse HOST CONDITION: a firewall rule of the host, for UDP datagrams that leave it.
refuse() {
  lab exec "$1" nft add table inet refuse
  lab exec "$1" nft add chain inet refuse output '{ type filter hook output priority 0; }'
  lab exec "$1" nft add rule inet refuse output meta l4proto udp $2 drop
}

# Such a rule makes sending fail (EPERM). This is loss like any other, and no session ends by it.
case_refused() {
  require_root
  start_lab --receivers 1 --offloads off
  refuse s 'numgen random mod 100 < 20'
  refuse r1 'numgen random mod 100 < 20'
  transfer_in_lab
  expect_contains "$(grep -A 3 '"refused"' "$scratch/send.json")" 'Operation not permitted' "the sender's report"
}

case_all_refused() {
  require_root
  start_lab --receivers 1
  refuse s ''
  expect_exit 6 lab exec s timeout --kill-after=2 60 "$gallery" send "$images" --to 10.77.0.11 --quiet
  expect_contains "$output" 'Operation not permitted' "what it says"
}

peak_kilobytes() { sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB$/\1/p' "/proc/$1/status"; }

# Memory does not grow with the set: the peak of both processes, read while they run.
case_memory() {
  local port sender receiver peak sender_peak=0 receiver_peak=0
  mkdir "$scratch/set"
  truncate -s "$large_size" "$scratch/set/sparse.jpg"
  port=$(free_port)
  "$gallery" receive --bind 127.0.0.1 --port "$port" --into "$scratch/in" --quiet --json >"$scratch/receive.json" &
  receiver=$!
  wait_until is_bound "$port"
  "$gallery" send "$scratch/set" --to "127.0.0.1:$port" --quiet --json >"$scratch/send.json" &
  sender=$!
  while [[ -n $(jobs -rp) ]]; do
    peak=$(peak_kilobytes "$sender" 2>/dev/null) && sender_peak=${peak:-$sender_peak}
    peak=$(peak_kilobytes "$receiver" 2>/dev/null) && receiver_peak=${peak:-$receiver_peak}
    sleep 0.05
  done
  wait "$sender"
  wait "$receiver"
  cmp "$scratch/set/sparse.jpg" "$scratch/in/sparse.jpg"
  [[ -z ${TRANSFERS_LOG:-} ]] || echo "memory: sender $sender_peak kB, receiver $receiver_peak kB, seconds $(number transferSeconds "$scratch/send.json")" >>"$TRANSFERS_LOG"
  expect_between "$sender_peak" 1 65536 "sender's peak, kB"
  expect_between "$receiver_peak" 1 65536 "receiver's peak, kB"
}

# Files without bytes are whole as soon as the manifest is. They are stored between reads; otherwise the receiver would hear
# nothing for longer than its idle time.
case_many_empty() {
  local port receiver
  mkdir "$scratch/set"
  (cd "$scratch/set" && seq -f 'empty-file-%06.0f.jpg' 60000 | xargs touch)
  port=$(free_port)
  timeout --kill-after=2 200 "$gallery" receive --bind 127.0.0.1 --port "$port" --into "$scratch/in" --quiet \
    --idle-timeout 500ms --json >"$scratch/receive.json" &
  receiver=$!
  wait_until is_bound "$port"
  timeout --kill-after=2 200 "$gallery" send "$scratch/set" --to "127.0.0.1:$port" --quiet --json >"$scratch/send.json"
  wait "$receiver"
  expect_equal "$(number filesVerified "$scratch/receive.json")" 60000 "files verified"
  expect_equal "$(find "$scratch/in" -type f | wc -l)" 60000 "files stored"
}

test_case "images/large arrives intact at 0 to 30 % loss each way" case_losses
test_case "in datagrams of 1,500 bytes too, and no more of them than the loss asks for" case_losses_ethernet
test_case "nothing is repaired that was not lost, under duplicates and reordering" case_reordering
test_case "between two hosts over veth, 5 % lost in the kernel each way" case_two_hosts
test_case "a firewall on either side refuses a fifth of what leaves" case_refused
test_case "a firewall refuses all that leaves: the sender says so" case_all_refused
test_case "a file of $large_size passes with little memory on both sides" case_memory
test_case "60,000 empty files, and a receiver that waits for half a second" case_many_empty
finish
