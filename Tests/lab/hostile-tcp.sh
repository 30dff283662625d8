#!/usr/bin/env bash
# Hostile bytes over TCP and to naive programs, against real processes: see peer/tcp_matrix.py.
source "$(dirname "$0")/testing.bash"
case_seconds=400

case_matrix() { python3 "$repository/Tests/lab/peer/tcp_matrix.py" "$gallery" | tee "$scratch/log" && grep -q '^[0-9]* cases, 0 failed$' "$scratch/log"; }

test_case "every frame of the chunked protocol over TCP with every field at its extremes, from both sides" case_matrix
finish
