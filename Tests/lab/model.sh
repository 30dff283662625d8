#!/usr/bin/env bash
# The model of a session (Specs/model.md) by spin: every order of messages, losses and kills; and faults on purpose, which
# it must find. GALLERY_FULL=1: more losses, doubles and kills at once, and the search for runs that never end.
source "$(dirname "$0")/testing.bash"
model=$repository/Specs/model/session.pml

# build FLAG: the program that checks. Without optimisation, because that takes longer than all runs.
build() {
  local compiler
  command -v spin >/dev/null || skip "spin is missing: apt-get install spin"
  for compiler in cc gcc clang; do command -v "$compiler" >/dev/null && break; done
  command -v "$compiler" >/dev/null || compiler=$(dirname "$(readlink -f "$(command -v swift)")")/clang
  cd "$scratch"
  spin -a "$model" >spin.log || { cat spin.log; exit 1; }
  "$compiler" -O0 "$1" -DMEMLIM=8192 -o pan pan.c
}
# check EXPECTED "NAME=VALUE…" [OPTION]: how many errors pan finds (it stops at the first one), with the values of the model.
check() {
  local values
  read -ra values <<<"$2"
  env "${values[@]}" ./pan -m1000000 "${@:3}" >pan.log
  expect_equal "$(sed -nE 's/^.*, errors: ([0-9]+)$/\1/p' pan.log)" "$1" "errors with $2: $(grep '^pan:1:' pan.log)"
}
# holds "NAME=VALUE…" STATES: no error, in as many states as Specs/model.md says.
holds() {
  check 0 "$1"
  expect_equal "$(sed -nE 's/^ *([0-9]+) states, stored.*/\1/p' pan.log)" "$2" "states with $1"
}
# finds "NAME=VALUE…" STATEMENT: the fault on purpose breaks it.
finds() {
  check 1 "$1"
  expect_contains "$(<pan.log)" "assertion violated $2" "what is broken with $1"
}

case_states() {
  build -DSAFETY
  holds LOSSES=1 184390
  holds FAULTS=1 95957
  holds KILLS=1 654707
  finds "FAULTS=1 MUTANT=1" "((outcome["
  finds "LOSSES=1 MUTANT=2" "((outcome["
  finds "LOSSES=1 MUTANT=4" "((((((((((((outcome["
  finds "KILLS=1 MUTANT=5" "isRecorded["
}
case_names() { # a state of the model is a state of the specification and of the code
  local in_model in_code in_specification
  in_model=$(sed -nE 's/^mtype = \{ (announcing.*) \}$/\1/p' "$model" | tr -d ' ' | tr ',' '\n' | sort)
  in_code=$(sed -nE '/package enum Phase/,/^  \}/s/^ *case ([a-z]+).*/\1/p' \
    "$repository"/Sources/Session/Sender/SenderMachine.swift "$repository"/Sources/Session/Receiver/ReceiverValues.swift | sort -u)
  in_specification=$(sed -nE '/^\| state \| meaning \|/,/^$/s/^\| ([a-z]+) \|.*/\1/p' "$repository/Specs/chunked-udp.md" |
    grep -vx state | sort -u)
  expect_equal "$(wc -l <<<"$in_model")" 9 "number of states"
  expect_equal "$in_model" "$in_code" "the states of model and code"
  expect_equal "$in_model" "$in_specification" "the states of model and specification"
}
case_more() {
  build -DSAFETY
  holds LOSSES=2 419956
  check 0 LOSSES=3
  check 0 "LOSSES=1 DOUBLES=1"
  check 0 "LOSSES=1 KILLS=1"
}
case_ends() {
  build -DNP
  check 0 LOSSES=1 -l
  check 1 "LOSSES=1 MUTANT=3" -l
}

test_case "a lost message, a fault or a kill at every instant: what the model states holds; faults on purpose break it" case_states
test_case "model, specification and code name the same states" case_names
if [[ -n ${GALLERY_FULL:-} ]]; then
  test_case "more losses, doubles and kills at once" case_more
  test_case "no run goes on for ever" case_ends
fi
finish
