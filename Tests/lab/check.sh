#!/usr/bin/env bash
# `gallery check`: minimal peers pass, programs with one mistake fail. With GALLERY_FULL=1: all cases, all mutants, and 1,000
# runs of a program that passes and of one that fails.
source "$(dirname "$0")/testing.bash"
peers=$repository/Tests/lab/check
case_seconds=${GALLERY_FULL:+3600}
case_seconds=${case_seconds:-300}
export GALLERY=$gallery
receiver="python3 $peers/receiver.py {port} {folder}"
sender="python3 $peers/sender.py {host} {port} {folder}"
naive_receiver="python3 $repository/Tools/student/naive.py receive {port} {folder}"
naive_sender="python3 $repository/Tools/student/naive.py send {host} {port} {folder}"
tcp_receiver="python3 $peers/naive_tcp.py receive {port} {folder}"
tcp_sender="python3 $peers/naive_tcp.py send {host} {port} {folder}"
frame_receiver="python3 $peers/chunked_tcp.py receive {port} {folder}"
frame_sender="python3 $peers/chunked_tcp.py send {host} {port} {folder}"

# passes OPTION COMMAND CASE…: with GALLERY_FULL every case. A sound program has all the time that a busy machine needs.
passes() {
  local options=(--profile full) name
  if [[ -z ${GALLERY_FULL:-} ]]; then
    options=()
    for name in "${@:3}"; do options+=(--case "$name"); done
  fi
  "$gallery" check "$1" "$2" --time-limit 120s "${protocol[@]}" "${options[@]}"
}
protocol=()
case_receiver() { passes --receiver "$receiver" lost-nack many-files wrong-digest hostile-name; }
case_sender() { passes --sender "$sender" lost-ends damaged-complete bitmap; }
case_naive() {
  protocol=(--protocol naive)
  passes --receiver "$naive_receiver" lost-image overtaken-image
  passes --sender "$naive_sender" images
}

case_tcp() {
  protocol=(--protocol naive --mode tcp)
  passes --receiver "$tcp_receiver" in-pieces reset-connection
  passes --sender "$tcp_sender" images
  protocol=(--mode tcp)
  passes --receiver "$frame_receiver" cut-connection unknown-type hostile-name
  passes --sender "$frame_sender" early-complete reset-connection
}
# Gallery's own programs against each other, as two programs that know nothing of the check.
case_gallery() {
  local own_receiver="$gallery receive --quiet --port {port} --into {folder}"
  local own_sender="$gallery send --quiet {folder} --all --recursive --to {host}:{port}"
  protocol=()
  passes --receiver "$own_receiver" lost-tenth doubled damaged-end beyond-the-set abort
  passes --sender "$own_sender" lost-tenth doubled early-complete
  protocol=(--mode tcp)
  passes --receiver "$own_receiver --mode tcp" in-pieces reset-connection early-end
  passes --sender "$own_sender --mode tcp" empty-file false-complete
}

# The mistakes that are found without waiting for the time limit, and one that is not.
case_mutants() {
  local names=(receiver/crc-unchecked receiver/nack-once sender/complete-believed naive-sender/two-ends
    tcp-receiver/first-piece-only frame-receiver/end-unread frame-sender/status-unread)
  [[ -z ${GALLERY_FULL:-} ]] || names=()
  mkdir "$scratch/mutants"
  python3 "$peers/mutants.py" "$scratch/mutants" "${names[@]}"
}

# A failure is described: what is wrong, what is enough for it, the sentence, and the records.
case_failure() {
  mkdir "$scratch/mutants"
  python3 "$peers/mutants.py" "$scratch/mutants" receiver/repair-ignored
  expect_exit 1 "$gallery" check --receiver "python3 $scratch/mutants/receiver-repair-ignored.py {port} {folder}" \
    --case lost-chunk --time-limit 3s --into "$scratch/records"
  expect_contains "$output" "b.bin is missing" "what is wrong"
  expect_contains "$output" "it is enough that this happens: chunk 5 lost" "the smallest failure"
  expect_contains "$output" "Specs/chunked-udp.md §6.11" "the sentence"
  expect_contains "$output" "0 of 1 case passed" "the sum"
  "$gallery" trace "$scratch/records/lost-chunk.qlog" --ladder "$scratch/run.svg"
  expect_contains "$(<"$scratch/run.svg")" "<svg" "the ladder"
  [[ -s $scratch/records/lost-chunk.pcap ]] || { echo "no capture"; exit 1; }
}

case_usage() {
  expect_exit 64 "$gallery" check
  expect_contains "$output" "which program?" "neither side"
  expect_exit 64 "$gallery" check --receiver 'python3 mine.py {folder}'
  expect_contains "$output" "has no {port}" "a command that cannot know its port"
  expect_exit 64 "$gallery" check --receiver 'mine {port} {folder}' --case lost-knack
  expect_contains "$output" "there is no case 'lost-knack'" "a case that there is not"
  expect_exit 1 "$gallery" check --receiver 'exit 5 # {port} {folder}' --case whole
  expect_contains "$output" "it ended with exit code 5" "a program that does not start"
}

# The user's end ends the program under test too, and leaves no files.
case_interrupt() {
  export TMPDIR=$scratch/tmp
  mkdir "$TMPDIR"
  "$gallery" check --receiver "echo \$\$ >$scratch/pid; sleep 1000; : {port} {folder}" --case whole --time-limit 500s &
  local check=$! code=0
  wait_for_file "$scratch/pid"
  kill -INT "$check"
  wait "$check" || code=$?
  expect_equal "$code" 130 "the exit code"
  expect_equal "$(ls -A "$TMPDIR")" "" "what is left"
  ! kill -0 "$(<"$scratch/pid")" 2>/dev/null || { echo "the program still runs"; exit 1; }
}

# 1,000 runs of a program that passes, and of one that fails: none differs.
case_flips() {
  mkdir "$scratch/mutants"
  python3 "$peers/mutants.py" "$scratch/mutants" receiver/crc-unchecked
  local lane lanes=()
  for lane in 1 2 3 4; do
    flips 250 &
    lanes+=("$!")
  done
  for lane in "${lanes[@]}"; do wait "$lane"; done
}
flips() { # COUNT: runs of each
  local run options=(--case damaged-chunk --case lost-tenth --no-shrink --quiet --time-limit 120s)
  for ((run = 0; run < $1; run++)); do
    "$gallery" check --receiver "$receiver" "${options[@]}"
    expect_exit 1 "$gallery" check --receiver "python3 $scratch/mutants/receiver-crc-unchecked.py {port} {folder}" \
      "${options[@]}"
    expect_contains "$output" "1 of 2 cases passed" "run $run"
  done
}

test_case "check: a minimal receiver passes" case_receiver
test_case "check: a minimal sender passes" case_sender
test_case "check: the naive template passes" case_naive
test_case "check: naive programs over TCP pass" case_tcp
test_case "check: gallery passes" case_gallery
test_case "check: programs with one mistake fail, shrunk to at most three datagrams" case_mutants
test_case "check: a failure is described and recorded" case_failure
test_case "check: wrong usage" case_usage
test_case "check: the user ends it" case_interrupt
[[ -z ${GALLERY_FULL:-} ]] || test_case "check: 1,000 runs, no flip" case_flips
finish
