#!/usr/bin/env bash
# What a stranger or a faulty peer can do to a real `gallery send` or `gallery receive`: named attacks, and processes
# that stop responding. The peers are in Tests/lab/peer.
#
# GALLERY_FULL=1: longer attacks, larger sets. One attack alone: python3 Tests/lab/peer/attacks_on_sender.py nack_forever
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/hostile.bash"

# Attacks that mostly wait run side by side.
case_false_success() {
  hostile attacks_on_sender.py --at-once 4 complete_after_join complete_before_join complete_then_honest contradictions
}
case_sender_in_vain() {
  local more=()
  [[ -z ${GALLERY_FULL:-} ]] || more=(never_completes)
  hostile attacks_on_sender.py --at-once 5 nack_forever nack_with_progress one_chunk_a_second join_then_silence "${more[@]}"
}
case_other_addresses() { hostile attacks_on_sender.py other_addresses; }
case_report_intervals() { hostile attacks_on_sender.py report_intervals; }
case_strangers() {
  hostile attacks_on_receiver.py --at-once 6 reflector reflector_kept_alive strangers_announce impossible_announce \
    announces_for_ever no_chunk ends_for_ever
}
case_bad_data() { hostile attacks_on_receiver.py --at-once 2 wrong_length packet_number_ahead false_chunks; }
case_group() {
  hostile attacks_on_group.py --at-once 3 nack_200_a_second nack_each_second nack_new_ids black_holes sybil_joins \
    keep_does_not_rejoin
}
case_stalls() { hostile stalls.py --at-once 2; }

test_case "a sender is not told of a success that cannot be" case_false_success
test_case "a session without progress ends at the sender" case_sender_in_vain
test_case "a unicast sender listens to its destination alone" case_other_addresses
test_case "a receiver that reports seldom is not much slower" case_report_intervals
test_case "a waiting receiver is no reflector, hears others beside a stranger, and ends in vain" case_strangers
test_case "bad data, far packet numbers and strangers do not end a session" case_bad_data
test_case "hostile members neither starve a group nor flood the network" case_group
test_case "processes that stood still go on" case_stalls
finish
