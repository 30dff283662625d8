#!/usr/bin/env bash
# Sessions with a code or a key between hosts of a lab, by real programs: who has it gets every byte, who has not says so, and
# nobody can read a name or a byte of a file on the wire.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/modes.bash"
require_root

name=geheim-4711.jpg
marker='a line of the content, 4711'

# Sets $set to a folder with one file of about 300 kB, which consists of the marker.
marked_set() {
  set=$scratch/set
  mkdir -p "$set"
  # shellcheck disable=SC2046 # one word for each line
  printf "$marker %s\n" $(seq 10000) >"$set/$name"
}

# receiver HOST WORD…: starts one, and waits until it listens. Its process id goes to ${pid[HOST]}.
declare -A pid
receiver() {
  local host=$1
  shift
  rm -f "$scratch/$host.port"
  "$repository/Tools/lab" exec "$host" "$gallery" receive --into "$scratch/$host" --ready-file "$scratch/$host.port" "$@" \
    2>"$scratch/$host.log" &
  pid[$host]=$!
  wait_for_file "$scratch/$host.port"
}

ends_with() { # HOST CODE
  local code=0
  wait "${pid[$1]}" || code=$?
  [[ $code == "$2" ]] || cat "$scratch/$1.log"
  expect_equal "$code" "$2" "the exit code of the receiver on $1"
}

says() { grep -q "$2" "$scratch/$1.log"; } # HOST TEXT

is_longer() { (($(stat -c %s "$1") > $(stat -c %s "$2"))); } # FILE FILE

# capture NAME COMMAND…: what passes r1 meanwhile goes to $scratch/NAME.pcap, all of the set's bytes at least.
capture() {
  local file=$scratch/$1.pcap
  shift
  "$repository/Tools/lab" exec r1 tcpdump -i eth1 -U -B 65536 -Z root -w "$file" port 25000 2>/dev/null &
  local dump=$!
  wait_for_file "$file"
  "$@"
  wait_until is_longer "$file" "$set/$name"
  kill -TERM $dump
  wait $dump || true
}

sent_to_r1() { # OPTION OF BOTH…
  rm -rf "$scratch/r1"
  receiver r1 "$@"
  lab exec s "$gallery" send "$set" --to 10.77.0.11 --quiet "$@"
  ends_with r1 0
  same_files "$set" "$scratch/r1"
}

# The sender finds the receiver by itself: invitations and answers are clear, and the session is not.
found_on_r1() { # OPTION OF BOTH…
  rm -rf "$scratch/r1"
  receiver r1 "$@"
  lab exec s "$gallery" send "$set" --receivers 1 --quiet "$@"
  ends_with r1 0
  same_files "$set" "$scratch/r1"
}

# The same without a key proves that the names would be seen.
case_wire() {
  marked_set
  "$gallery" key new "$scratch/room.key"
  expect_equal "$(stat -c %a "$scratch/room.key")" 600 "the mode of a key file"
  start_lab --receivers 1
  capture clear sent_to_r1
  capture sealed sent_to_r1 --key "$scratch/room.key"
  capture stream sent_to_r1 --key "$scratch/room.key" --mode tcp
  capture found found_on_r1 --key "$scratch/room.key"
  for text in "$name" "$marker"; do
    grep -qaF "$text" "$scratch/clear.pcap" || { echo "not in the capture without a key: $text"; exit 1; }
    ! grep -qaF "$text" "$scratch"/{sealed,stream,found}.pcap || { echo "readable on the wire: $text"; exit 1; }
  done
  chmod 640 "$scratch/room.key"
  expect_exit 2 "$gallery" receive --key "$scratch/room.key" --into "$scratch/none"
  expect_contains "$output" "chmod 600" "what a key file that others may read is refused with"
}

# The sender makes the code. A receiver with another one says so while the sender waits, as does one without; two have it.
case_multicast() {
  local code=0 words host
  start_lab --receivers 4
  "$repository/Tools/lab" exec s "$gallery" send "$small" --mode multicast --to $group --interface eth1 --receivers 2 --code 2>"$scratch/s.log" &
  local sending=$!
  wait_until says s '^code: '
  words=$(sed -n 's/^code: //p' "$scratch/s.log")
  receiver r3 --mode multicast --group $group --interface eth1 --code 'bado kilu mefa nopi rusa tegi'
  receiver r4 --mode multicast --group $group --interface eth1
  wait_until says r3 'has another code'
  wait_until says r4 'uses a code'
  for host in r1 r2; do GALLERY_CODE=$words receiver $host --mode multicast --group $group --interface eth1 --drop 5% --seed "${host#r}" --code; done
  wait $sending || code=$?
  expect_equal $code 0 "the sender's exit code"
  for host in r1 r2; do
    ends_with $host 0
    same_files "$small" "$scratch/$host"
  done
  for host in r3 r4; do
    kill -TERM "${pid[$host]}"
    ends_with $host 130
    [[ ! -e $scratch/$host || -z $(ls "$scratch/$host") ]] || { echo "$host has files"; exit 1; }
  done
}

# A late receiver of a session without a way back: it learns the key from the next announce.
case_late() {
  local code=0 words='bado kilu mefa nopi rusa tegi'
  start_lab --receivers 2
  receiver r1 --mode multicast --group $group --interface eth1 --code "$words"
  "$repository/Tools/lab" exec s "$gallery" send "$small" --mode multicast --to $group --interface eth1 --one-way --rounds forever \
    --rate 20Mbit --code "$words" --quiet &
  local sending=$!
  ends_with r1 0
  receiver r2 --mode multicast --group $group --interface eth1 --code "$words"
  ends_with r2 0
  same_files "$small" "$scratch/r1"
  same_files "$small" "$scratch/r2"
  kill -TERM $sending
  wait $sending || code=$?
  expect_equal $code 130 "the exit code of a sender that its user ended"
}

# A sender that was killed half-way and is started anew has another salt: the receiver that waited takes the rest from it.
case_anew() {
  "$gallery" key new "$scratch/room.key"
  start_lab --receivers 1
  receiver r1 --key "$scratch/room.key"
  "$repository/Tools/lab" exec s "$gallery" send "$small" --to 10.77.0.11 --key "$scratch/room.key" --rate 4Mbit --quiet &
  local sending=$!
  files_in "$scratch/r1" 5
  kill -KILL $sending
  wait $sending || true
  lab exec s "$gallery" send "$small" --to 10.77.0.11 --key "$scratch/room.key" --quiet
  ends_with r1 0
  same_files "$small" "$scratch/r1"
}

# Without words there must be a terminal or the variable; a wrong one is named before anything is sent.
case_words() {
  expect_exit 64 "$gallery" receive --code --into "$scratch/none"
  expect_contains "$output" "GALLERY_CODE" "where a receiver takes a code from"
  expect_exit 64 "$gallery" send "$small" --to 127.0.0.1 --code 'bado kilu mefa nopi rusa photo'
  expect_contains "$output" '"photo" is no word of a code' "a word that is none"
  expect_exit 64 "$gallery" send "$small" --to 127.0.0.1 --protocol naive --code
  expect_contains "$output" "--code is for the chunked protocol" "a code with the naive protocol"
}

# A signed set over lossy multicast, with a code. A receiver that trusts another sender says whose fingerprint it heard, and
# takes the set once the line is in its file; nobody but the trusted sender is heard.
case_signed() {
  local code=0 words='bado kilu mefa nopi rusa tegi' line
  "$gallery" key new --sign "$scratch/my.sign"
  "$gallery" key new --sign "$scratch/other.sign"
  expect_equal "$(stat -c %a "$scratch/my.sign")" 600 "the mode of a signing key's file"
  cp "$scratch/other.sign.pub" "$scratch/r3.trust"
  start_lab --receivers 3
  for host in r1 r2; do
    receiver $host --mode multicast --group $group --interface eth1 --drop 5% --seed "${host#r}" --code "$words" \
      --trust "$scratch/my.sign.pub"
  done
  receiver r3 --mode multicast --group $group --interface eth1 --code "$words" --trust "$scratch/r3.trust"
  "$repository/Tools/lab" exec s "$gallery" send "$small" --mode multicast --to $group --interface eth1 --receivers 3 --code "$words" \
    --sign "$scratch/my.sign" 2>"$scratch/s.log" &
  local sending=$!
  wait_until says r3 'add the line'
  [[ $(sed -n 's/^signing as the key with the fingerprint //p' "$scratch/s.log") == "$(sed -n 's/.*has the fingerprint \(.*\): if.*/\1/p' "$scratch/r3.log")" ]] ||
    { echo "the two sides print different fingerprints"; exit 1; }
  line=$(sed -n 's/.*add the line \([0-9a-f]*\) to .*/\1/p' "$scratch/r3.log")
  echo "$line" >>"$scratch/r3.trust"
  wait $sending || code=$?
  expect_equal $code 0 "the sender's exit code"
  for host in r1 r2 r3; do
    ends_with $host 0
    same_files "$small" "$scratch/$host"
  done
  rm -rf "$scratch/r1"
  receiver r1 --trust "$scratch/my.sign.pub" --wait 3s
  expect_exit 5 "$repository/Tools/lab" exec s "$gallery" send "$small" --to 10.77.0.11 --wait 1s
  expect_exit 5 "$repository/Tools/lab" exec s "$gallery" send "$small" --to 10.77.0.11 --wait 1s --sign "$scratch/other.sign"
  ends_with r1 9
  [[ -z $(ls "$scratch/r1") ]] || { echo "r1 has files of a sender that it does not trust"; exit 1; }
  expect_exit 64 "$gallery" send "$small" --to 10.77.0.11 --mode tcp --sign "$scratch/my.sign"
  expect_exit 64 "$gallery" receive --mode tcp --trust "$scratch/my.sign.pub"
  expect_exit 64 "$gallery" send "$small" --to 10.77.0.11 --mtu 300 --sign "$scratch/my.sign"
  expect_exit 2 "$gallery" send "$small" --to 10.77.0.11 --sign "$scratch/my.sign.pub"
}

test_case "a key file: intact, and no name or byte of the content on the wire" case_wire
test_case "multicast with a printed code: two have it, one has another, one has none" case_multicast
test_case "a late receiver of one-way multicast with a code" case_late
test_case "a sender that is started anew with the same key file" case_anew
test_case "words that are no code" case_words
test_case "a signed set, and receivers that trust its sender alone" case_signed
finish
