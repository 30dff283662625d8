#!/usr/bin/env bash
# Sends a file of 10 MB by chunked UDP and by chunked TCP (the kernel's own repair) through the same loss, and prints the
# seconds from start to end. As an ordinary user:
#
#   Tools/student/udp-or-tcp.sh 0 1 5 10 20        losses in percent; TRIALS=3 for medians of three
#
# Each run has a lab of its own (Tools/lab): 100 Mbit/s to the receiver, and the loss there. The kernel's random numbers
# decide which packets are lost, so the times differ from run to run, most of all those of TCP.
set -euo pipefail
tools=$(dirname "$(dirname "$(readlink -f "$0")")")
trials=${TRIALS:-1}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
head -c 10000000 /dev/urandom >"$scratch/ten.bin"

seconds() { # MODE LOSS: the median of the trials, or – when a run did not end within two minutes
  local trial ready=--ready-udp
  [[ $1 != tcp ]] || ready=--ready-tcp
  : >"$scratch/times"
  for ((trial = 1; trial <= trials; trial++)); do
    # shellcheck disable=SC2016 # the sender's shell expands these
    "$tools/lab" run --receivers 1 --shape 100mbit --buffer 50ms --loss "$2" "$ready" 25000 --logs "$scratch/logs" -- \
      bash -c 'gallery send "$0/ten.bin" --all --mode "$1" --to 10.77.0.11 --json >"$0/report.json"' "$scratch" "$1" --- \
      gallery receive --mode "$1" --into "$scratch/$1-$2-$trial" -q >"$scratch/lab.log" 2>&1 || { echo "–"; return; }
    sed -nE 's/^  "seconds" : ([0-9.]+),?$/\1/p' "$scratch/report.json" >>"$scratch/times"
    rm -rf "$scratch/$1-$2-$trial"
  done
  sort -n "$scratch/times" | sed -n "$(((trials + 1) / 2))p"
}

printf '%8s %14s %14s\n' loss "chunked UDP" TCP
for loss in "${@:-0}"; do
  printf '%6s %% %12.4s s %12.4s s\n' "$loss" "$(seconds unicast "$loss")" "$(seconds tcp "$loss")"
done
