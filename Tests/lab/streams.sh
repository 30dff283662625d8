#!/usr/bin/env bash
# Ends and outputs beyond the program's control: standard streams that are closed, full or lost, signals, absent hosts.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/modes.bash"

photos() { # FOLDER [COUNT [BYTES]]
  local i
  mkdir -p "$1"
  for ((i = 1; i <= ${2:-6}; i++)); do head -c "${3:-200000}" /dev/urandom >"$1/p$i.jpg"; done
}

free_port() {
  local port
  for ((port = 31000 + RANDOM % 900; port < 32000; port++)); do is_bound "$port" || { echo "$port"; return; }; done
}

# deliver REDIRECTED-SIDE COMMAND-LINE: a transfer whose receiver or sender is started by that line, in which $RUN is the
# program with its arguments. Both must end with 0 and every file be whole.
deliver() {
  local side=$1 line=$2 port receiver code=0
  port=$(free_port)
  rm -rf "$scratch/in"
  local receive=("$gallery" receive --bind 127.0.0.1 --port "$port" --into "$scratch/in" --wait 100s)
  local send=("$gallery" send "$scratch/set" --to "127.0.0.1:$port")
  if [[ $side == receiver ]]; then
    (set -- "${receive[@]}"; eval "$line") 2>/dev/null &
    receiver=$!
    wait_until is_bound "$port"
    "${send[@]}" --quiet || code=$?
  else
    "${receive[@]}" --quiet &
    receiver=$!
    wait_until is_bound "$port"
    (set -- "${send[@]}"; eval "$line") 2>/dev/null || code=$?
  fi
  expect_equal "$code" 0 "exit code of send, $side with $line"
  wait "$receiver" || code=$?
  expect_equal "$code" 0 "exit code of receive, $side with $line"
  same_files "$scratch/set" "$scratch/in"
}

# The loss makes sender and receiver print more than one line.
case_streams() {
  local side line
  photos "$scratch/set"
  for side in receiver sender; do
    for line in '"$@" 2>&-' '"$@" >&-' '"$@" 0<&-' '"$@" 0<&- >&- 2>&-' '"$@" --json 2>/dev/full' '"$@" --json >/dev/full' \
      '"$@" --json-lines >/dev/full' '"$@" --json-lines >&-' '"$@" --json-lines | head -n 1 >/dev/null; exit "${PIPESTATUS[0]}"' \
      '"$@" --json >&-' '{ "$@" --json 2>&1; echo $? >'"$scratch"'/code; } | head -n 1 >/dev/null; exit "$(<'"$scratch"'/code)"'; do
      deliver "$side" "$line"
    done
  done
}

# Fills the pipe completely: the write that finds no room fails.
fill_pipe() { ! dd if=/dev/zero of="$scratch/pipe" bs=4096 oflag=nonblock 2>/dev/null; }

# A pipe that stays open and is not read: messages wait for ever, and the transfer does not.
case_paused_reader() {
  local port receiver code=0
  photos "$scratch/set" 4 3000000
  port=$(free_port)
  mkfifo "$scratch/pipe"
  exec 9<>"$scratch/pipe"
  fill_pipe
  "$gallery" receive --bind 127.0.0.1 --port "$port" --into "$scratch/in" --wait 100s 2>"$scratch/pipe" &
  receiver=$!
  wait_until is_bound "$port"
  "$gallery" send "$scratch/set" --to "127.0.0.1:$port" 2>"$scratch/pipe" || code=$?
  expect_equal "$code" 0 "exit code of send"
  wait "$receiver" || code=$?
  expect_equal "$code" 0 "exit code of receive"
  same_files "$scratch/set" "$scratch/in"
}

# The same for the events on standard output: the transfer does not wait for their reader. The program does, at its end.
case_paused_event_reader() {
  local port receiver code=0
  photos "$scratch/set" 300 2000
  port=$(free_port)
  mkfifo "$scratch/pipe"
  exec 9<>"$scratch/pipe"
  fill_pipe
  "$gallery" receive --bind 127.0.0.1 --port "$port" --into "$scratch/in" --wait 100s --json-lines --quiet >"$scratch/pipe" &
  receiver=$!
  wait_until is_bound "$port"
  "$gallery" send "$scratch/set" --to "127.0.0.1:$port" --quiet || code=$?
  expect_equal "$code" 0 "exit code of send"
  same_files "$scratch/set" "$scratch/in"
  kill -0 "$receiver"
  cat <&9 >"$scratch/lines" &
  local reader=$!
  wait "$receiver" || code=$?
  expect_equal "$code" 0 "exit code of receive"
  # The reader sees no end: this shell holds the pipe open.
  wait_until grep -aq '"event":"end","exitCode":0' "$scratch/lines"
  kill "$reader"
  expect_equal "$(grep -ao '"event":"file"' "$scratch/lines" | wc -l)" 300 "events of files"
}

# A terminal whose other end is closed during a transfer, with SIGHUP ignored (nohup): the transfer continues.
case_lost_terminal() {
  local port
  photos "$scratch/set" 2 1000000
  port=$(free_port)
  python3 - "$gallery" "$port" "$scratch" <<'PYTHON'
import os, pty, signal, subprocess, sys, time
gallery, port, scratch = sys.argv[1:]
def in_terminal(words):
    pid, master = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.execv(words[0], words)
    return pid, master
receiver, theirs = in_terminal([gallery, "receive", "--bind", "127.0.0.1", "--port", port, "--into", scratch + "/in", "--wait", "100s",
    "--ready-file", scratch + "/ready"])
while not os.path.exists(scratch + "/ready"): time.sleep(0.02)
sender, ours = in_terminal([gallery, "send", scratch + "/set", "--to", "127.0.0.1:" + port, "--rate", "8Mbit"])
said = b""
while "█".encode() not in said: said += os.read(ours, 4096)
os.close(ours); os.close(theirs)
codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in (sender, receiver)]
assert codes == [0, 0], codes
PYTHON
  same_files "$scratch/set" "$scratch/in"
}

# When a command's result cannot be written, the command says so, also by its exit code. A reader that stops early is no failure.
case_products() {
  local words
  for words in "impairments" "account $small" "account $small --json" "--help" "doctor --json"; do
    local code=0
    # shellcheck disable=SC2086 # words
    "$gallery" $words >/dev/full 2>"$scratch/err" || code=$?
    [[ $words == doctor* ]] || expect_equal "$code" 2 "exit code of $words >/dev/full"
    ((code < 128)) || { echo "$words >/dev/full died: $code"; exit 1; }
    # shellcheck disable=SC2086 # words
    { code=0; "$gallery" $words || code=$?; echo $code >"$scratch/code"; } 2>/dev/null | head -n 1 >/dev/null
    [[ $words == doctor* ]] || expect_equal "$(<"$scratch/code")" 0 "exit code of $words | head -n 1"
  done
  expect_exit 2 bash -c '"$1" impairments >/dev/full' - "$gallery"
  expect_contains "$output" "cannot write to standard output: No space left" "what it says"
}

# Each of the three signals, to either side: the other side hears of it at once, and what arrived stays.
case_signals() {
  local signal mode side port receiver sender code
  photos "$scratch/set" 2 20000000
  mkdir "$scratch/large"
  truncate -s 2G "$scratch/large/a.jpg"
  for mode in unicast tcp; do
    for signal in HUP INT TERM; do
      for side in sender receiver; do
        port=$(free_port)
        rm -rf "$scratch/in"
        "$gallery" receive --mode $mode --bind 127.0.0.1 --port "$port" --into "$scratch/in" --idle-timeout 100s --quiet &
        receiver=$!
        if [[ $mode == tcp ]]; then
          wait_until is_bound "$port" -t
          # TCP has no --rate, so both sides are stopped as soon as there is a part file.
          "$gallery" send "$scratch/large" --mode tcp --to "127.0.0.1:$port" --quiet 2>/dev/null &
          sender=$!
          wait_until has_part "$scratch/in"
          kill -STOP "$receiver" "$sender"
        else
          wait_until is_bound "$port"
          "$gallery" send "$scratch/set" --to "127.0.0.1:$port" --rate 20Mbit --quiet 2>/dev/null &
          sender=$!
          wait_until has_part "$scratch/in"
        fi
        kill "-$signal" "${!side}"
        kill -CONT "$receiver" "$sender" 2>/dev/null || true # without a stop before, both may have ended
        code=0; wait "$sender" || code=$?
        expect_equal "$code" "$([[ $side == sender ]] && echo 130 || echo 3)" "sender's code, $mode, $signal to the $side"
        code=0; wait "$receiver" || code=$?
        expect_equal "$code" "$([[ $side == receiver ]] && echo 130 || echo 3)" "receiver's code, $mode, $signal to the $side"
        # What has arrived stays for the next session of the set.
        expect_equal "$(find "$scratch/in" -path '*/.gallery-*/map' | wc -l)" 1 "maps left behind, $mode, $signal to the $side"
      done
    done
  done
}

# A closed terminal is reported twice, by its shell and by the kernel: both sides still end in order.
case_hung_up_twice() {
  local port receiver sender code=0
  photos "$scratch/set" 2 20000000
  port=$(free_port)
  "$gallery" receive --bind 127.0.0.1 --port "$port" --into "$scratch/in" --idle-timeout 100s 2>"$scratch/err" &
  receiver=$!
  wait_until is_bound "$port"
  "$gallery" send "$scratch/set" --to "127.0.0.1:$port" --rate 20Mbit --quiet &
  sender=$!
  wait_until has_part "$scratch/in"
  kill -HUP "$sender"
  kill -HUP "$sender" 2>/dev/null || true
  wait "$sender" || code=$?
  expect_equal "$code" 130 "sender's code"
  wait "$receiver" || code=$?
  expect_equal "$code" 3 "receiver's code"
  expect_contains "$(<"$scratch/err")" "ended by the sender's user" "what the receiver heard"
}

# With `nohup` the transfer continues.
case_nohup() {
  local port receiver sender
  photos "$scratch/set" 1 3000000
  port=$(free_port)
  "$gallery" receive --bind 127.0.0.1 --port "$port" --into "$scratch/in" --quiet &
  receiver=$!
  wait_until is_bound "$port"
  nohup "$gallery" send "$scratch/set" --to "127.0.0.1:$port" --rate 8Mbit --quiet >/dev/null 2>&1 &
  sender=$!
  wait_until has_part "$scratch/in"
  kill -HUP "$sender"
  wait "$sender"
  wait "$receiver"
  same_files "$scratch/set" "$scratch/in"
}

# The copies of the images that compare and study make are removed with them.
case_copies() {
  local signal run code
  photos "$scratch/set" 3 40000
  export TMPDIR=$scratch/tmp
  mkdir "$TMPDIR"
  for signal in INT TERM HUP; do
    for run in "compare $scratch/set --loss 5 --trials 50 --wait 0.5s" "study --loss 5 --trials 500 --into $scratch/study"; do
      rm -rf "$scratch/study"
      # shellcheck disable=SC2086 # words
      "$gallery" $run >/dev/null 2>&1 &
      local pid=$!
      wait_until eval '[[ -n $(ls "$TMPDIR") ]]'
      kill "-$signal" $pid
      code=0; wait $pid || code=$?
      expect_equal "$code" 130 "exit code of $run upon $signal"
      expect_equal "$(ls "$TMPDIR")" "" "copies of $run left upon $signal"
    done
  done
  { "$gallery" compare "$scratch/set" --loss 5 --trials 2 --wait 0.2s 2>&1; echo $? >"$scratch/code"; } | head -n 1 >/dev/null
  expect_equal "$(<"$scratch/code")" 0 "exit code of compare | head -n 1"
  expect_equal "$(ls "$TMPDIR")" "" "copies left behind compare | head -n 1"
}

# More absent hosts than cores, named before one that is there: this one is served while the sender waits for the others.
case_absent_hosts() {
  require_root
  start_lab --receivers 1
  local list='' i mode code
  local -A receiver sender
  photos "$scratch/set"
  for ((i = 1; i <= $(nproc) + 6; i++)); do list+=10.77.0.$((90 + i)),; done
  for mode in unicast tcp; do # side by side
    lab exec r1 "$gallery" receive --mode $mode --into "$scratch/in-$mode" --quiet &
    receiver[$mode]=$!
  done
  wait_until is_bound_in r1 25000
  wait_until is_bound_in r1 25000 -t
  for mode in unicast tcp; do
    lab exec s "$gallery" send "$scratch/set" --mode $mode --to "${list}10.77.0.11" --wait 12s --quiet 2>"$scratch/err-$mode" &
    sender[$mode]=$!
  done
  for mode in unicast tcp; do
    wait "${receiver[$mode]}"
    # This host is served first; the sender still waits for the others.
    kill -0 "${sender[$mode]}"
    same_files "$scratch/set" "$scratch/in-$mode"
  done
  for mode in unicast tcp; do
    code=0
    wait "${sender[$mode]}" || code=$?
    expect_equal "$code" 3 "exit code of send, $mode"
  done
}

# Closing the window over TCP prints no message of the event loop. No display is needed: SDL draws invisibly.
case_quiet_end() {
  local port receiver
  mkdir "$scratch/set"
  cp "$small"/0[12]*.jpg "$scratch/set"
  port=$(free_port)
  SDL_VIDEODRIVER=dummy "$gallery" show --mode tcp --bind 127.0.0.1 --port "$port" --into "$scratch/in" --interval 100ms --close \
    2>"$scratch/err" &
  receiver=$!
  wait_until is_bound "$port" -t
  "$gallery" send "$scratch/set" --mode tcp --to "127.0.0.1:$port" --quiet
  wait "$receiver"
  same_files "$scratch/set" "$scratch/in"
  expect_equal "$(grep -c 'ERROR\|event loop\|EventLoop' "$scratch/err")" 0 "lines of the event loop's, in: $(<"$scratch/err")"
}

# The display goes away during a transfer, with the effect of a closed window. The sender hears of it, and what arrived stays for
# the next session of the set.
case_display_lost() {
  local port display receiver sender code=0
  command -v Xvfb >/dev/null || skip "Xvfb is missing: apt-get install xvfb"
  photos "$scratch/set" 2 20000000
  port=$(free_port)
  exec 8>"$scratch/display"
  Xvfb -noreset -displayfd 8 -screen 0 640x480x24 -nolisten tcp >/dev/null 2>&1 &
  display=$!
  wait_until test -s "$scratch/display"
  DISPLAY=:$(<"$scratch/display") "$gallery" show --bind 127.0.0.1 --port "$port" --into "$scratch/in" --idle-timeout 100s 2>"$scratch/err" &
  receiver=$!
  wait_until is_bound "$port"
  "$gallery" send "$scratch/set" --to "127.0.0.1:$port" --rate 50Mbit --quiet 2>"$scratch/said" &
  sender=$!
  wait_until has_part "$scratch/in"
  kill "$display"
  wait "$sender" || code=$?
  expect_equal "$code" 3 "sender's code"
  code=0
  wait "$receiver" || code=$?
  expect_equal "$code" 7 "receiver's code"
  expect_contains "$(<"$scratch/err")" "the display is gone" "what the receiver says"
  expect_equal "$(find "$scratch/in" -path '*/.gallery-*/map' | wc -l)" 1 "maps left behind"
}

# A fault of this host is reported as such, in each mode, and not as an absent receiver.
case_no_route() {
  local mode
  start_lab --receivers 1
  photos "$scratch/set" 1 1000
  for mode in unicast tcp; do
    expect_exit 6 lab exec s "$gallery" send "$scratch/set" --mode $mode --to 198.51.100.7 --wait 1s
    expect_contains "$output" "Network is unreachable" "what the sender says, $mode"
  done
}

# The sender of a group says what it waits for, and a person need not count.
case_group_waits() {
  local receiver
  start_lab --receivers 1
  photos "$scratch/set" 1 1000
  lab exec r1 "$gallery" receive --mode multicast --group 224.1.1.5 --interface eth1 --into "$scratch/in" --quiet &
  receiver=$!
  wait_until is_bound_in r1 25000
  lab exec s "$gallery" send "$scratch/set" --mode multicast --to 224.1.1.5 --interface eth1 --wait 5s 2>"$scratch/said"
  wait "$receiver"
  grep -Eq 'waiting for more receivers at 224\.1\.1\.5:25000, up to [1-4] s more; 1 joined so far' "$scratch/said" ||
    { cat "$scratch/said"; exit 1; }
  expect_equal "$(grep -c 'verified' "$scratch/said")" 1 "lines that say that the receiver has all"
}

# One machine of a room is dead: Enter starts with those that are here, and that is a success.
case_enter_starts() {
  local receiver
  start_lab --receivers 1
  photos "$scratch/set" 1 1000
  lab exec r1 "$gallery" receive --mode multicast --group 224.1.1.5 --interface eth1 --into "$scratch/in" --quiet &
  receiver=$!
  wait_until is_bound_in r1 25000
  lab exec s python3 "$repository/Tests/lab/terminal.py" "Enter starts" "$gallery" send "$scratch/set" --mode multicast \
    --to 224.1.1.5 --interface eth1 --receivers 2 --wait 250s >"$scratch/said"
  wait "$receiver"
  expect_contains "$(cat "$scratch/said")" "waiting for 2 receivers at 224.1.1.5:25000" "what the sender waits for"
  expect_contains "$(cat "$scratch/said")" "starting with 1 receiver" "the answer to Enter"
  expect_equal "$(ls "$scratch/in" | wc -l)" "$(ls "$scratch/set" | wc -l)" "files that arrived"
}

# A receiver that answers and gets no chunks: the sender gives the reason, as far as it knows it.
stalled() { # PORT-TO-SEND-TO OPTIONS-OF-SEND…
  local receiver code=0
  "$gallery" receive --bind 127.0.0.1 --port "$port" --into "$scratch/in" --idle-timeout 60s --quiet 2>/dev/null &
  receiver=$!
  wait_until is_bound "$port"
  "$gallery" send "$scratch/set" --to "127.0.0.1:$1" "${@:2}" 2>"$scratch/said" || code=$?
  expect_equal "$code" 3 "exit code of send ${*:2}"
  kill "$receiver" 2>/dev/null || true
  wait "$receiver" || true
}

case_stalled_on_purpose() {
  local port
  photos "$scratch/set" 2 500000
  port=$(free_port)
  stalled "$port" --mtu 1500 --impair 'out: drop every data message'
  expect_contains "$(<"$scratch/said")" "on purpose: lower its --drop or --impair" "why"
}

# A relay that moves: from some datagram on it answers from another port, and the first port is closed.
case_moved() {
  local port front relay
  photos "$scratch/set" 2 5000000
  port=$(free_port)
  front=$((port - 900)) # below the ports that the kernel gives away
  python3 - "$front" "$port" <<'PYTHON' &
import select, socket, sys
front, receiver = int(sys.argv[1]), ("127.0.0.1", int(sys.argv[2]))
old, new, back = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
old.bind(("127.0.0.1", front)); new.bind(("127.0.0.1", front + 1)); back.bind(("127.0.0.1", 0))
sender, count = None, 0
while True:
    for ready in select.select([old, new, back], [], [])[0]:
        datagram, address = ready.recvfrom(65535)
        if ready is back:
            if sender: (old if count < 500 else new).sendto(datagram, sender)
        else:
            sender = address
            count += 1
            if count < 500 or ready is new: back.sendto(datagram, receiver)
PYTHON
  relay=$!
  wait_until is_bound "$front"
  stalled "$front" --mtu 1500 --rate 50Mbit
  kill "$relay"
  expect_contains "$(<"$scratch/said")" "127.0.0.1:$((front + 1))" "where it answers from"
}

test_case "standard streams that are closed, full or a broken pipe do not end a transfer" case_streams
test_case "a pipe that nobody reads does not stop a transfer" case_paused_reader
test_case "a pipe of events that nobody reads does not stop a transfer" case_paused_event_reader
test_case "a terminal that is lost does not end a transfer under nohup" case_lost_terminal
test_case "a table, a report or a help that cannot be written is said, and is a failure" case_products
test_case "HUP, INT and TERM end both sides in order" case_signals
test_case "HUP twice is one end" case_hung_up_twice
test_case "nohup is respected" case_nohup
test_case "compare and study leave no copies, however they end" case_copies
test_case "quitting a window over TCP is quiet" case_quiet_end
test_case "a display that is lost ends both sides in order" case_display_lost
test_case "a route that is missing is told as that" case_no_route
test_case "the sender of a group says what it waits for" case_group_waits
test_case "Enter starts with the members of a group that have joined" case_enter_starts
test_case "a sender that drops what it sends says so when its receiver gets nothing" case_stalled_on_purpose
test_case "a receiver that has moved is not told as a narrow path" case_moved
test_case "absent hosts do not hold up one that is there" case_absent_hosts
finish
