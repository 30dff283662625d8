#!/usr/bin/env bash
# The naive protocol in its four modes, between gallery and programs that send what those of a first networking course send.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/course.bash"

for mode in unicast broadcast multicast tcp; do
  eval "case_sender_$mode() { sends our $mode; }
    case_receiver_$mode() { receives our $mode 100ms; }"
  test_case "naive $mode, a sender as the course's to gallery" case_sender_$mode
  test_case "naive $mode, gallery to a receiver as the course's" case_receiver_$mode
done
finish
