#!/usr/bin/env bash
# Sessions over TCP that are cut go on where they were, and a full disk ends none: real processes in a lab, whose sender has a
# bottleneck, killed by SIGKILL at instants that a seed chooses.
#
# By default 10 kills and 2,000 files. GALLERY_FULL=1 makes 200 and 10,000.
source "$(dirname "$0")/testing.bash"
require_root

kill_count=10 file_count=2000
[[ -z ${GALLERY_FULL:-} ]] || { kill_count=200 file_count=10000 case_seconds=3600; }
rate_megabits=200
second_byte_count=$((rate_megabits * 125000))
set_byte_count=12000000
port=25000

# number KEY FILE: the first number of that name in a JSON summary.
number() { sed -nE "s/^ *\"$1\" *: *(-?[0-9.]+),?$/\1/p" "$2" | head -n 1; }
flat() { tr -d ' \n' <"$1"; }

# make_set SEED: small files, and one of 9 MB.
make_set() {
  mkdir -p "$scratch/set/folder"
  python3 - "$1" "$scratch/set" <<'PY'
import random, sys
generator, folder = random.Random(int(sys.argv[1])), sys.argv[2]
for number, count in enumerate([1, 700, 40_000, 300_000, 659_299, 9_000_000, 2_000_000]):
    with open(f"{folder}/{'folder/' if number % 3 == 0 else ''}{number}.jpg", "wb") as file: file.write(generator.randbytes(count))
open(f"{folder}/empty.jpg", "wb").close()
PY
}

expect_intact() { # the same files with the same bytes, and no other file or work folder.
  expect_equal "$(cd "$scratch/set" && find . -type f -exec sha256sum {} + | sort)" \
    "$(cd "$scratch/in" && find . -type f -exec sha256sum {} + | sort)" "the files"
  expect_equal "$(find "$scratch/in" -name '.gallery*')" "" "left behind"
}

# Bytes of files in the inbox, whole or not.
arrived() { find "$scratch/in" -type f \( -name '*.part' -o -name '*.jpg' \) -printf '%s\n' 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }'; }
has_arrived_or_ended() { (($(arrived) >= $1)) || ! kill -0 "$receiver" 2>/dev/null || ! kill -0 "$sender" 2>/dev/null; }

start_receiver() { # OPTIONS…
  ip netns exec "gl-$GALLERY_LAB_ID-r1" "$gallery" receive --mode tcp --into "$scratch/in" --json "$@" >"$scratch/receive.json" 2>"$scratch/receive.text" &
  receiver=$!
  wait_until is_bound_in r1 $port -t
}
start_sender() { # OPTIONS…
  ip netns exec "gl-$GALLERY_LAB_ID-s" "$gallery" send "$scratch/set" --all --recursive --mode tcp --to 10.77.0.11 "${@:---json}" \
    >"$scratch/send.json" 2>"$scratch/send.text" &
  sender=$!
}
end_both() {
  local code=0
  wait "$sender" || code=$?
  expect_equal "$code" 0 "exit code of send: $(<"$scratch/send.text")"
  wait "$receiver" || code=$?
  expect_equal "$code" 0 "exit code of receive: $(<"$scratch/receive.text")"
}
start_slow_lab() {
  start_lab --receivers 1 --offloads on
  lab shape s "${rate_megabits}mbit" >/dev/null
}

# One kill at a random instant: of the receiver, the sender or both. The next session brings what is lacking.
run_of_kill() { # SEED
  local held victim before
  RANDOM=$1
  rm -rf "$scratch/in"
  start_receiver
  start_sender
  wait_until has_arrived_or_ended $((RANDOM * (set_byte_count - 100000) / 32768))
  victim=$((RANDOM % 3))
  ((victim == 1)) || kill -KILL "$receiver" 2>/dev/null || true
  ((victim == 0)) || kill -KILL "$sender" 2>/dev/null || true
  wait "$receiver" || true # one that lost its sender ends by itself
  wait "$sender" || true
  held=$(arrived)
  start_receiver
  start_sender
  end_both
  expect_intact
  before=$(number fileBytesHereBefore "$scratch/receive.json")
  expect_between "$before" $((held - held / 100 - second_byte_count)) $set_byte_count "bytes that were not sent again, of $held"
  expect_contains "$(flat "$scratch/receive.json")" '"balances":true' "the account"
  again=$((again > held - before ? again : held - before))
}

case_kills() {
  local run again=0
  trap 'echo "figures: $((run - 1)) kills until then"; exit 1' TERM
  start_slow_lab
  make_set 1
  for ((run = 1; run <= kill_count; run++)); do run_of_kill "$run" || { echo "seed $run"; exit 1; }; done
  echo "figures: $kill_count kills, at most $again bytes sent again, of $second_byte_count in a second"
}

# Files that are there are not sent again; --verify reads them; what changed is sent; --no-resume begins anew.
case_again() {
  local receiver sender begin
  start_lab --receivers 1 --offloads on
  mkdir -p "$scratch/set"
  python3 -c "
import os, sys
for number in range(int(sys.argv[2])):
    with open(f'{sys.argv[1]}/{number}.jpg', 'wb') as file: file.write(os.urandom(300 if number else 1_000_000))" "$scratch/set" $file_count
  start_receiver
  start_sender
  end_both
  expect_equal "$(number filesHereBefore "$scratch/receive.json")" 0 "files here before the first session"
  start_receiver
  begin=$(date +%s%N)
  start_sender
  end_both
  echo "figures: $file_count files that were there: $((($(date +%s%N) - begin) / 1000000)) ms"
  expect_contains "$(<"$scratch/send.json")" "nothing to send, all were there already" "the second session"
  expect_contains "$(flat "$scratch/receive.json")" '"hasNothingNew":true' "the second session"
  expect_equal "$(number receivedByteCount "$scratch/receive.json")" 0 "bytes in the second session"
  start_receiver --verify
  start_sender
  end_both
  expect_equal "$(number filesHereBefore "$scratch/receive.json")" $file_count "files read and found to be right"
  echo x >"$scratch/set/7.jpg"
  echo y >"$scratch/set/new.jpg"
  start_receiver --overwrite
  start_sender
  end_both
  expect_equal "$(number filesHereBefore "$scratch/receive.json")" $((file_count - 1)) "files here before the third session"
  expect_contains "$(<"$scratch/send.json")" "$((file_count - 1)) files of these were there already" "the third session"
  expect_intact
  start_receiver --no-resume
  start_sender
  end_both
  expect_equal "$(number fileBytesHereBefore "$scratch/receive.json")" 0 "bytes taken up with --no-resume"
}

# Ctrl-C says what is kept and how to go on.
case_interrupted() {
  local receiver sender code=0
  start_slow_lab
  make_set 2
  start_receiver
  start_sender
  wait_until has_arrived_or_ended $((set_byte_count / 2))
  kill -INT "$receiver"
  wait "$receiver" || code=$?
  expect_equal "$code" 130 "exit code of receive"
  wait "$sender" || true
  expect_contains "$(flat "$scratch/receive.json")" '"arePartsKept":true' "the report"
  expect_contains "$(<"$scratch/receive.text")" "--no-resume starts over" "what people read"
  start_receiver
  start_sender
  end_both
  expect_between "$(number fileBytesHereBefore "$scratch/receive.json")" 1000000 $set_byte_count "bytes that were here"
  expect_contains "$(<"$scratch/receive.text")" "were here already" "what people read"
  expect_intact
}

# The disk is filled by others after the session began, and has room again: the session waits, longer than the idle time.
fill_disk() {
  start_slow_lab
  make_set 3
  mkdir -p "$scratch/in"
  mount -t tmpfs -o size=16m none "$scratch/in"
  trap 'umount -l "$scratch/in"' EXIT
  start_receiver --idle-timeout 2s
  start_sender --json-lines
  wait_until has_arrived_or_ended 2000000
  head -c 16000000 /dev/zero >"$scratch/in/hog" 2>/dev/null || true
  wait_until grep -q "no room for" "$scratch/receive.text"
  wait_until grep -q "its disk is full" "$scratch/send.text"
}
case_full_disk() {
  local receiver sender begin
  fill_disk
  wait_until grep -q " % · disk full · " "$scratch/receive.text"
  wait_until grep -q " % · disk full · " "$scratch/send.text"
  sleep 3 # longer than the receiver's idle time
  rm "$scratch/in/hog"
  end_both
  expect_contains "$(<"$scratch/send.text")" "its disk has room again" "the sender's text"
  expect_contains "$(<"$scratch/receive.text")" "there is room again" "the receiver's text"
  expect_contains "$(<"$scratch/send.json")" '"event":"storage"' "the sender's events"
  expect_intact
}
# The sender's user does not wait: the receiver says why it ends, and keeps what is here.
case_full_disk_left() {
  local receiver sender code=0
  fill_disk
  kill -INT "$sender"
  wait "$sender" || true
  wait "$receiver" || code=$?
  expect_equal "$code" 2 "exit code of receive"
  expect_contains "$(flat "$scratch/receive.json")" '"arePartsKept":true' "the report"
  rm "$scratch/in/hog"
  start_receiver
  start_sender
  end_both
  expect_between "$(number fileBytesHereBefore "$scratch/receive.json")" 1000000 $set_byte_count "bytes that were here"
  expect_intact
}

test_case "over TCP, a folder that is there is not sent again" case_again
test_case "over TCP, killed at any instant, what is here is not sent again" case_kills
test_case "over TCP, what Ctrl-C leaves" case_interrupted
test_case "over TCP, a disk that is full for a while" case_full_disk
test_case "over TCP, a sender that does not wait for a full disk" case_full_disk_left
finish
