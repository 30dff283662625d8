#!/usr/bin/env bash
# Tools/wireshark/gallery.lua, through tshark: every message of crafted and of real captures, compared with known values.
source "$(dirname "$0")/testing.bash"
script=$repository/Tools/wireshark/gallery.lua
tools=$repository/Tests/lab
source "$repository/Tools/lib/lab-measure.sh" # capture_is_settled

need_tshark() { command -v tshark >/dev/null || skip "tshark is missing: apt-get install tshark"; }
dissect() { tshark -X "lua_script:$script" "$@" 2>"$scratch/tshark.err"; }
frame_count() { dissect -r "$1" -Y "$2" -T fields -e frame.number | wc -l; } # CAPTURE FILTER

# types CAPTURE: a line with destination port and type for each datagram, trains counted one by one. tshark reads a capture
# once for all questions about types, because its start takes a second.
types() {
  [[ -e $1.types ]] || dissect -r "$1" -Y gallery -T fields -e udp.dstport -e gallery.type -E occurrence=a |
    awk '{count = split($2, types, ","); for (i = 1; i <= count; i++) print $1, types[i]}' >"$1.types"
  cat "$1.types"
}
type_count() { types "$1" | grep -c " $2\$" || true; } # CAPTURE TYPE
sent() { python3 "$tools/dissected.py" field "$1" "$2"; } # REPORT KEY

# expect_sound CAPTURE: every UDP datagram is decoded, none is malformed, each CRC32 is right, and there is no warning.
expect_sound() {
  local filter='(udp && !gallery)' fault faults
  for fault in _ws.malformed gallery.malformed _ws.lua.error '(gallery && !(gallery.checksum.status == 1))' \
    'gallery.checksum.status == 0' gallery.duplicate gallery.resent; do filter+=" || $fault"; done
  faults=$(dissect -r "$1" -Y "$filter")
  expect_equal "$faults" "" "datagrams not decoded, malformed, with a bad CRC32, twice or unmarked"
}

# expect_counts CAPTURE REPORT: the capture has the datagrams that the sender reports, kind by kind.
expect_counts() {
  local data repairs
  data=$(type_count "$1" 3)
  repairs=$(frame_count "$1" 'gallery.repair')
  expect_equal "$repairs" "$(sent "$2" repairDatagrams)" "repairs"
  expect_equal "$((data - repairs))" "$(sent "$2" firstDatagrams)" "first sendings"
  expect_equal "$(types "$1" | grep '^25000 ' | grep -cv ' 3$')" "$(sent "$2" controlDatagrams)" "control"
}

case_crafted() {
  need_tshark
  python3 "$tools/craft.py" "$scratch/crafted.pcap" >"$scratch/expected"
  dissect -r "$scratch/crafted.pcap" -T json >"$scratch/shown.json"
  python3 "$tools/dissected.py" crafted "$scratch/expected" "$scratch/shown.json"
}

case_info() {
  need_tshark
  python3 "$tools/craft.py" "$scratch/crafted.pcap" >/dev/null
  expect_contains "$(dissect -r "$scratch/crafted.pcap" -Y 'frame.number == 9')" "DATA chunk 17 repair pn 5" "info column"
  expect_contains "$(dissect -r "$scratch/crafted.pcap" -Y 'frame.number == 2')" "padded to 600, provisional pn 1" "info column of a probe"
}

case_two_passes() { # as Wireshark shows it: a frame is dissected again, and must say the same
  need_tshark
  python3 "$tools/craft.py" "$scratch/crafted.pcap" >/dev/null
  expect_equal "$(dissect -2 -r "$scratch/crafted.pcap")" "$(dissect -r "$scratch/crafted.pcap")" "second pass"
}

case_other_port() { # known by magic byte, version and type
  need_tshark
  python3 "$tools/craft.py" "$scratch/crafted.pcap" >/dev/null
  expect_equal "$(frame_count "$scratch/crafted.pcap" gallery)" 26 "datagrams on port 25000"
  # What comes before any sound datagram of a conversation must be sound itself; then the conversation is known.
  expect_equal "$(dissect -o gallery.ports:1 -r "$scratch/crafted.pcap" -Y gallery -T fields -e frame.number | wc -l)" 26 \
    "datagrams found without the port"
  dissect -r "$scratch/crafted.pcap" -Y 'frame.number >= 22 && frame.number <= 24' -w "$scratch/odd.pcap"
  expect_equal "$(dissect -o gallery.ports:1 -r "$scratch/odd.pcap" -Y gallery -T fields -e frame.number | wc -l)" 0 \
    "version 1, type 12 and a truncated datagram, which could be anybody's"
}

case_lossy_session() { # lost on the wire, behind the capture: it holds all that was sent
  need_tshark
  lab run --receivers 1 --loss 5 --ready-udp 25000 --logs "$scratch" --capture "s=$scratch/s.pcap" --timeout 100 -- \
    sh -c "exec $gallery send \
      $repository/images/small --to 10.77.0.11 --json >$scratch/sent.json" --- \
    "$gallery" receive --into "$scratch/inbox" --json
  expect_sound "$scratch/s.pcap"
  expect_counts "$scratch/s.pcap" "$scratch/sent.json"
  # An announce is repeated when its answer is slow to come, and answered again.
  expect_between "$(type_count "$scratch/s.pcap" 2)" 1 "$(type_count "$scratch/s.pcap" 1)" "joins"
  (($(sent "$scratch/sent.json" repairDatagrams) > 0)) || { echo "nothing was repaired"; exit 1; }
  expect_equal "$(frame_count "$scratch/s.pcap" 'gallery.repair && !gallery.repair_of')" 0 "repairs of what was never sent"
  expect_equal "$(frame_count "$scratch/s.pcap" 'gallery.repair && !gallery.asked_for_in')" 0 "repairs nobody asked for"
}

# Over a lab host's own loopback, a capture and a receiver: CAPTURE; sets capture and receiver (process ids).
begin_loopback() {
  start_lab --receivers 1
  "$repository/Tools/lab" exec s tcpdump -i lo -U -B 65536 -Z root -w "$1" udp port 25000 2>"$scratch/tcpdump.err" &
  capture=$!
  lab exec s timeout 100 "$gallery" receive --into "$scratch/inbox" --ready-file "$scratch/ready" \
    --json >"$scratch/received.json" 2>"$scratch/receive.err" &
  receiver=$!
  wait_for_file "$1" # tcpdump captures: the file's head is written when packets are being kept
  wait_for_file "$scratch/ready"
}

end_capture() {
  wait_until capture_is_settled "$capture" "$scratch/tcpdump.err" 2
  kill "$capture"
  wait "$capture" || true
}

# CAPTURE OPTIONS-OF-SEND…
loopback_session() {
  local capture receiver
  begin_loopback "$1"
  lab exec s timeout 100 "$gallery" send "$repository/images/small" --to 127.0.0.1 --mtu 1500 --json "${@:2}" >"$scratch/sent.json"
  wait "$receiver"
  end_capture
}

case_induced_drop() { # 5 % never reach the socket: capture + dropped = sent, and each NACK sent is in the capture
  need_tshark
  loopback_session "$scratch/lo.pcap" --drop 5% --seed 7
  expect_sound "$scratch/lo.pcap"
  local type
  for type in 1 2 3 5 6 7 8 9 10; do # announce, join, data; NACK, notice, report, end, complete, close
    (($(type_count "$scratch/lo.pcap" "$type") > 0)) || { echo "no message of type $type"; exit 1; }
  done
  local dropped from_sender
  dropped=$(sent "$scratch/sent.json" inducedDropsOutgoing)
  from_sender=$(types "$scratch/lo.pcap" | grep -c '^25000 ')
  ((dropped > 0)) || { echo "nothing was dropped"; exit 1; }
  expect_equal "$((from_sender + dropped))" "$(sent "$scratch/sent.json" datagramsSent)" "captured + dropped"
  expect_equal "$(type_count "$scratch/lo.pcap" 5)" "$(sent "$scratch/received.json" nacksSent)" "NACKs"
  expect_equal "$(type_count "$scratch/lo.pcap" 7)" "$(sent "$scratch/received.json" reportsSent)" "reports"
}

case_abort() { # a sender that is ended says so, and why
  need_tshark
  local capture receiver sender code=0
  begin_loopback "$scratch/lo.pcap"
  "$repository/Tools/lab" exec s "$gallery" send "$repository/images/small" --to 127.0.0.1 --mtu 1500 --rate 1Mbit --quiet &
  sender=$!
  wait_until has_part "$scratch/inbox"
  kill -TERM "$sender"
  wait "$sender" || code=$?
  expect_equal "$code" 130 "exit code of the sender"
  code=0
  wait "$receiver" || code=$?
  expect_equal "$code" 3 "exit code of the receiver"
  end_capture
  expect_sound "$scratch/lo.pcap"
  (($(type_count "$scratch/lo.pcap" 3) > 0)) || { echo "ended before there was any data"; exit 1; }
  (($(frame_count "$scratch/lo.pcap" 'gallery.type == 11 && gallery.aborted') > 0)) || { echo "no abort in the capture"; exit 1; }
}

case_trains() { # the capture on loopback holds trains that the kernel has not cut yet
  need_tshark
  loopback_session "$scratch/lo.pcap"
  expect_sound "$scratch/lo.pcap"
  expect_counts "$scratch/lo.pcap" "$scratch/sent.json"
  (($(frame_count "$scratch/lo.pcap" 'frame.len > 2000') > 0)) || { echo "no trains in this capture"; exit 1; }
}

test_case "every message and every fault of a crafted capture" case_crafted
test_case "the info column explains a repair" case_info
test_case "a second pass shows the same" case_two_passes
test_case "on other ports datagrams are found by magic byte, version and type" case_other_port
test_case "a session with losses on the wire: counts by kind are the sender's" case_lossy_session
test_case "a session with induced drops: captured and dropped are what was sent" case_induced_drop
test_case "a session that is ended early: its abort" case_abort
test_case "trains in a capture on loopback are taken apart" case_trains
finish
