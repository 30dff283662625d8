#!/usr/bin/env bash
# Gallery with a second implementation of the chunked protocol: Tests/lab/peer, written from Specs/ alone. The bytes of
# every file are compared.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/modes.bash"
require_root

peer=$repository/Tests/lab/peer
receive_options='--port 25000 --seconds 150'

# between RECEIVER-COUNT SENDER-COMMAND --- RECEIVER-COMMAND…: between hosts of a lab; all must end with 0. Received files
# are in $scratch/in/HOST.
between() {
  rm -rf "$scratch/in"
  lab run --receivers "$1" --ready-udp 25000 --timeout 200 --logs "$scratch/logs" -- "${@:2}" || {
    cat "$scratch"/logs/*
    return 1
  }
}

case_vectors() {
  python3 "$peer/vectors.py"
  python3 "$peer/session.py" check
}

case_recorded_session() { python3 "$peer/session.py" replay "$scratch/in"; }

case_gallery_to_peer() {
  local percent
  for percent in 0 5; do
    between 1 "$gallery" send "$small" --to 10.77.0.11 --drop "$percent%" --seed 3 --quiet --- \
      python3 "$peer/receiver.py" $receive_options --address 10.77.0.11 --into "$scratch/in/{host}" --drop "0.0$percent"
    same_files "$small" "$scratch/in/r1"
  done
}

case_peer_to_gallery() {
  local percent
  for percent in 0 5; do
    between 1 python3 "$peer/sender.py" "$small" --to 10.77.0.11:25000 --drop "0.0$percent" --- \
      "$gallery" receive --into "$scratch/in/{host}" --quiet
    same_files "$small" "$scratch/in/r1"
  done
}


case_group_of_gallery() {
  local percent
  for percent in 0 5; do
    between 3 "$gallery" send "$small" --mode multicast --to $group --interface eth1 --receivers 3 --quiet --- \
      bash -c "
        if [[ {host} == r1 ]]; then
          exec '$gallery' receive --mode multicast --group $group --interface eth1 --into '$scratch/in/{host}' --quiet
        else
          exec python3 '$peer/receiver.py' $receive_options --group $group --interface {address} --into '$scratch/in/{host}' \
            --drop 0.0$percent --seed {index}
        fi"
    for host in "${receivers[@]}"; do same_files "$small" "$scratch/in/$host"; done
  done
}

case_group_of_peer() {
  local percent
  for percent in 0 5; do
    between 3 python3 "$peer/sender.py" "$small" --to $group:25000 --interface 10.77.0.1 --group-of 3 --drop "0.0$percent" --- \
      bash -c "
        if [[ {host} == r1 ]]; then
          exec python3 '$peer/receiver.py' $receive_options --group $group --interface {address} --into '$scratch/in/{host}' \
            --drop 0.0$percent --seed {index}
        else
          exec '$gallery' receive --mode multicast --group $group --interface eth1 --into '$scratch/in/{host}' --quiet
        fi"
    for host in "${receivers[@]}"; do same_files "$small" "$scratch/in/$host"; done
  done
}

case_one_way() {
  between 1 python3 "$peer/sender.py" "$small" --to 10.77.0.11:25000 --one-way --rate 1e6 --- \
    "$gallery" receive --into "$scratch/in/{host}" --quiet
  same_files "$small" "$scratch/in/r1"
}

# The receiver cannot ask again, so files are missing, and the receiver reports them.
case_one_way_with_loss() {
  local code=0
  start_lab --receivers 1
  lab exec r1 "$gallery" receive --into "$scratch/in" --idle-timeout 2s >"$scratch/said" 2>&1 &
  local receiver=$!
  wait_until is_bound_in r1 25000
  lab exec s python3 "$peer/sender.py" "$small" --to 10.77.0.11:25000 --one-way --rate 4e6 --drop 0.01
  wait $receiver || code=$?
  expect_equal $code 3 "exit code of a receiver that could ask for nothing"
  expect_contains "$(cat "$scratch/said")" "not whole" "what it says"
}

test_case "our peer's codec does what the vectors say" case_vectors
test_case "a receiver that is sent the recorded session holds its files" case_recorded_session
test_case "gallery to our receiver, without and with 5 % loss each way" case_gallery_to_peer
test_case "our sender to gallery, without and with 5 % loss each way" case_peer_to_gallery
test_case "gallery to a group of gallery and our receivers" case_group_of_gallery
test_case "our sender to a group of gallery and our receiver" case_group_of_peer
test_case "one way, our sender to gallery" case_one_way
test_case "one way with loss: files are missing, and gallery says so" case_one_way_with_loss
finish
