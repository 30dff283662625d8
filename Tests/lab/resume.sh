#!/usr/bin/env bash
# Sessions that are cut go on where they were: real processes, killed by SIGKILL at instants that a seed chooses.
#
# By default a dozen kills. GALLERY_FULL=1 makes 1,000.
source "$(dirname "$0")/testing.bash"

run_count=3
[[ -z ${GALLERY_FULL:-} ]] || { run_count=250 case_seconds=3600; }
kills_in_run=4
rate=64mbit
set_byte_count=6000000

# number KEY FILE: the first number of that name in a JSON summary.
number() { sed -nE "s/^ *\"$1\" *: *(-?[0-9.]+),?$/\1/p" "$2" | head -n 1; }

free_port() {
  local port
  for ((port = 30100 + RANDOM % 1500; port < 32000; port++)); do is_bound "$port" || { echo "$port"; return; }; done
}

# make_set SEED: files of 1 byte to 2 MB, and an empty one, about $set_byte_count bytes in all.
make_set() {
  mkdir -p "$scratch/set/folder"
  python3 - "$1" "$scratch/set" "$set_byte_count" <<'PY'
import random, sys
generator, folder, left = random.Random(int(sys.argv[1])), sys.argv[2], int(sys.argv[3])
number = 0
while left > 0:
    count = min(left, generator.choice([1, 700, 40_000, 300_000, 2_000_000]))
    with open(f"{folder}/{'folder/' if number % 3 == 0 else ''}{number}.jpg", "wb") as file: file.write(generator.randbytes(count))
    left, number = left - count, number + 1
open(f"{folder}/empty.jpg", "wb").close()
PY
}

expect_intact() { # INBOX: the same files with the same bytes, and no other file or work folder.
  expect_equal "$(cd "$scratch/set" && find . -type f -exec sha256sum {} + | sort)" \
    "$(cd "$1" && find . -type f -exec sha256sum {} + | sort)" "the files"
  expect_equal "$(find "$1" -name '.gallery*')" "" "left behind"
}

# Bytes of files in the inbox, whole or not.
arrived() { find "$scratch/in" -type f \( -name '*.part' -o -name '*.jpg' \) -printf '%s\n' 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }'; }
has_arrived_or_ended() { (($(arrived) >= $1)) || ! kill -0 "$receiver" 2>/dev/null || ! kill -0 "$sender" 2>/dev/null; }

start_receiver() { # OPTIONS…
  rm -f "$scratch/ready"
  "$gallery" receive --bind 127.0.0.1 --port "$port" --into "$scratch/in" --idle-timeout "${idle:-10s}" --ready-file "$scratch/ready" \
    --quiet --json "$@" >"$scratch/receive.json" 2>"$scratch/receive.text" &
  receiver=$!
  wait_for_file "$scratch/ready"
}
start_sender() {
  "$gallery" send "$scratch/set" --all --recursive --to "127.0.0.1:$port" --rate $rate --mtu 1500 --quiet --json \
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
kill_hard() { # PID
  kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# Every file that is whole has its name, long before the set is whole: the sender stops within the last file, and
# then the receiver is killed.
case_visible() {
  local receiver sender port others rate=4mbit set_byte_count=600000
  make_set 5
  head -c 3000000 /dev/urandom >"$scratch/set/zz.jpg" # the last one by name
  others=$(cd "$scratch/set" && find . -type f ! -name zz.jpg -exec sha256sum {} + | sort)
  port=$(free_port)
  start_receiver
  start_sender
  wait_until is_last_begun
  kill -STOP "$sender"
  wait_until is_in_inbox "$others"
  expect_equal "$(find "$scratch/in" -name zz.jpg)" "" "the file that is not whole"
  kill_hard "$receiver"
  kill_hard "$sender"
  expect_equal "$(visible)" "$others" "the files that were whole"
}
visible() { (cd "$scratch/in" && find . -type f ! -path '*/.gallery*' -exec sha256sum {} + | sort); }
is_in_inbox() { [[ $(visible) == "$1" ]]; }
is_last_begun() { find "$scratch/in" -name "$(($(find "$scratch/set" -type f | wc -l) - 1)).part" -size +0 | grep -q .; }

case_half() { # what was here is not sent again
  local held chunks resumed sent receiver sender port
  make_set 1
  port=$(free_port)
  start_receiver
  start_sender
  wait_until has_arrived_or_ended $((set_byte_count / 2))
  kill_hard "$receiver"
  kill_hard "$sender"
  held=$(arrived)
  start_receiver
  start_sender
  end_both
  expect_intact "$scratch/in"
  chunks=$(number chunkCount "$scratch/receive.json") resumed=$(number chunksResumed "$scratch/receive.json")
  # A second of this rate is 5,500 chunks; the map is written several times a second.
  expect_between "$resumed" $((held / 1440 - 5500)) "$chunks" "chunks taken up, with $held bytes there"
  expect_between "$resumed" $((chunks / 4)) "$chunks" "chunks taken up, of $chunks"
  sent=$(($(number firstDatagrams "$scratch/send.json") + $(number repairDatagrams "$scratch/send.json")))
  expect_between "$sent" 1 $(((chunks - resumed) * 101 / 100 + 300)) "chunks sent in the second session, $resumed of $chunks were here"
  expect_contains "$(tr -d ' \n' <"$scratch/receive.json")" '"balances":true' "the account"
  echo "figures: $held bytes held at the kill, $resumed of $chunks chunks resumed, $sent sent in the second session"
}

# A receiver whose sender was killed and is not started again ends by itself, and keeps what it has.
case_sender_gone() {
  local receiver sender port code=0 idle=2s
  make_set 4
  port=$(free_port)
  start_receiver
  start_sender
  wait_until has_arrived_or_ended $((set_byte_count / 3))
  kill_hard "$sender"
  wait "$receiver" || code=$?
  expect_equal "$code" 3 "exit code of receive"
  expect_contains "$(tr -d ' \n' <"$scratch/receive.json")" '"arePartsKept":true' "the report"
  start_receiver
  start_sender
  end_both
  expect_between "$(number chunksResumed "$scratch/receive.json")" 800 4181 "chunks taken up"
  expect_intact "$scratch/in"
}

# One run: the receiver, the sender or both are killed several times, and then the set is whole.
run_of_kills() { # SEED
  local seed=$1 kill threshold=0 victim receiver sender port
  RANDOM=$seed
  rm -rf "$scratch/in" "$scratch/set"
  make_set "$seed"
  port=$(free_port)
  start_receiver
  start_sender
  for ((kill = 0; kill < kills_in_run; kill++)); do
    threshold=$((threshold + RANDOM * (set_byte_count / kills_in_run) / 32768))
    wait_until has_arrived_or_ended "$threshold"
    victim=$((RANDOM % 3))
    ((victim == 1)) || kill_hard "$receiver"
    ((victim == 0)) || kill_hard "$sender"
    # A receiver whose sender was killed hears the next one.
    ((victim == 1)) || start_receiver
    ((victim == 0)) || start_sender
  done
  end_both || { echo "seed $seed"; exit 1; }
  expect_intact "$scratch/in"
}

case_kills() {
  local run
  # A case that is ended in time says how far it was.
  trap 'echo "figures: $(((run - 1) * kills_in_run)) kills until then"; exit 1' TERM
  for ((run = 1; run <= run_count; run++)); do run_of_kills "$run"; done
  echo "figures: $((run_count * kills_in_run)) kills"
}

# Ctrl-C says what is kept and how to go on. --no-resume begins anew.
case_interrupted() {
  local receiver sender port code=0
  make_set 2
  port=$(free_port)
  start_receiver
  start_sender
  wait_until has_arrived_or_ended $((set_byte_count / 3))
  kill -INT "$receiver"
  wait "$receiver" || code=$?
  expect_equal "$code" 130 "exit code of receive"
  wait "$sender" || true
  expect_contains "$(tr -d ' \n' <"$scratch/receive.json")" '"arePartsKept":true' "the report"
  expect_between "$(find "$scratch/in" -name '.gallery*' | wc -l)" 1 1 "kept folders"
  start_receiver --no-resume
  start_sender
  end_both
  expect_equal "$(number chunksResumed "$scratch/receive.json")" 0 "chunks taken up"
  expect_intact "$scratch/in"
}

# A member of a group is killed and started again; a one-way receiver likewise.
group_of_two() { # SENDER-OPTIONS…
  require_root
  start_lab --receivers 2 --offloads off
  make_set 3
  local other receiver sender code=0
  lab exec r1 "$gallery" receive --mode multicast --group 224.1.1.5 --interface eth1 --into "$scratch/in1" --quiet --json >"$scratch/r1.json" &
  other=$!
  lab exec r2 "$gallery" receive --mode multicast --group 224.1.1.5 --interface eth1 --into "$scratch/in" --quiet --json >"$scratch/r2.json" &
  receiver=$!
  wait_until is_bound_in r1 25000
  wait_until is_bound_in r2 25000
  lab exec s "$gallery" send "$scratch/set" --all --recursive --mode multicast --to 224.1.1.5 --interface eth1 --rate $rate --quiet \
    --json "$@" >"$scratch/send.json" &
  sender=$!
  wait_until has_arrived_or_ended $((set_byte_count / 2))
  pkill -KILL -f "receive .*--into $scratch/in " || true
  wait "$receiver" || true
  lab exec r2 "$gallery" receive --mode multicast --group 224.1.1.5 --interface eth1 --into "$scratch/in" --quiet --json >"$scratch/r2.json" &
  receiver=$!
  wait "$sender" || true # the first member of that name fell silent
  for receiver in "$other" "$receiver"; do wait "$receiver" || code=$?; done
  expect_equal "$code" 0 "exit code of both receivers"
  expect_intact "$scratch/in"
  expect_intact "$scratch/in1"
  expect_between "$(number chunksResumed "$scratch/r2.json")" 1000 4200 "chunks taken up"
}
case_group() { group_of_two --receivers 2; }
case_one_way() { group_of_two --one-way --rounds 3; }

# A folder that is sent again: nothing is sent, then only what is new or has changed, and everything on request.
case_again() {
  local receiver sender port
  mkdir -p "$scratch/set"
  python3 -c "
import os, sys
for number in range(2000):
    with open(f'{sys.argv[1]}/{number}.jpg', 'wb') as file: file.write(os.urandom(3000 if number else 1_000_000))" "$scratch/set"
  port=$(free_port)
  start_receiver
  start_sender
  end_both
  expect_equal "$(number filesHereBefore "$scratch/receive.json")" 0 "files here before the first session"
  start_receiver
  start_sender
  end_both
  expect_contains "$(<"$scratch/send.json")" "nothing to send, all were there already" "the second session"
  expect_between "$(number firstDatagrams "$scratch/send.json")" 1 1500 "chunks sent in the second session"
  expect_equal "$(number filesHereBefore "$scratch/receive.json")" 2000 "files here before the second session"
  start_receiver --verify
  start_sender
  end_both
  expect_equal "$(number filesHereBefore "$scratch/receive.json")" 2000 "files read and found to be right"
  echo x >"$scratch/set/7.jpg"
  echo y >"$scratch/set/new.jpg"
  start_receiver --overwrite
  start_sender
  end_both
  expect_equal "$(number filesHereBefore "$scratch/receive.json")" 1999 "files here before the third session"
  expect_contains "$(<"$scratch/send.json")" "1999 files of these were there already" "the third session"
  expect_intact "$scratch/in"
  start_receiver --no-resume
  start_sender
  end_both
  expect_equal "$(number chunksResumed "$scratch/receive.json")" 0 "chunks taken up with --no-resume"
}

test_case "a folder that is there is not sent again" case_again
test_case "each file has its name as soon as it is whole" case_visible
test_case "a receiver that was killed at half gets the rest" case_half
test_case "a sender that was killed leaves what arrived" case_sender_gone
test_case "killed again and again, every file arrives" case_kills
test_case "what Ctrl-C leaves, and --no-resume" case_interrupted
test_case "a member of a group goes on" case_group
test_case "a one-way receiver goes on" case_one_way
finish
