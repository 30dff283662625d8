#!/usr/bin/env bash
# `gallery impair`, run by an ordinary user, between programs that know nothing of it: a naive sender and receiver as the
# course's, and a chunked session.
source "$(dirname "$0")/testing.bash"
peers=$repository/Tests/lab/course
small=$repository/images/small

# An ordinary user, where we are root.
as=()
[[ $EUID -ne 0 ]] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# relay NAME TARGET-PORT OPTION…: sets $port. Its report goes to NAME.json when `end_relay` ends it.
relay() {
  local name=$1 target=$2
  shift 2
  "${as[@]}" "$gallery" impair --listen 0 --to "127.0.0.1:$target" --json --ready-file "$scratch/$name.port" "$@" \
    >"$scratch/$name.json" 2>"$scratch/$name.err" &
  relay=$!
  wait_for_file "$scratch/$name.port"
  port=$(<"$scratch/$name.port")
}
end_relay() {
  kill -INT "$relay"
  wait "$relay"
}
way() { # NAME WAY KEY
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["clients"][0][sys.argv[2]][sys.argv[3]])' \
    "$scratch/$1.json" "$2" "$3"
}

# The images of a folder by content: the receivers number what arrives.
images() { find "$1" -type f ! -name '.*' -exec md5sum {} + | cut -c1-32 | sort; }

# naive NAME SEED: our copies of the course's programs, a relay between them. The sender does not pause, and the kernel's own
# buffer of the receiver holds four images: the relay is a link of 50 Mbit/s too.
naive() {
  python3 "$peers/receiver.py" --port 0 unicast "$scratch/$1" 127.0.0.1 >"$scratch/$1.log" 2>&1 &
  local receiver=$!
  wait_until grep -q listening "$scratch/$1.log"
  relay "$1" "$(sed -n 's/^listening //p' "$scratch/$1.log")" \
    --impair 'out: loss 2%; rate 50Mbit; buffer 1s' --seed "$2"
  python3 "$peers/sender.py" --port "$port" --wait 0.2 unicast "$small" 127.0.0.1 >/dev/null
  wait "$receiver"
  end_relay
}

case_naive() { # the same images are lost at the same seed, and without a relay too
  chmod 777 "$scratch"
  naive first 7
  naive again 7
  naive other 8
  images "$scratch/first" >"$scratch/first.sums"
  expect_between "$(wc -l <"$scratch/first.sums")" 5 18 "images of 20 that arrived at 2 %"
  expect_equal "$(images "$scratch/again")" "$(<"$scratch/first.sums")" "images with the same seed"
  [[ $(images "$scratch/other") != "$(<"$scratch/first.sums")" ]] || { echo "another seed loses the same images"; exit 1; }
  expect_equal "$(way first toTarget arrived)" 21 "datagrams: 20 images and the end"
  expect_equal "$(way first toTarget delivered)" $(($(wc -l <"$scratch/first.sums") + 1)) "datagrams that went on"
  "$gallery" receive --protocol naive --bind 127.0.0.1 --port 0 --ready-file "$scratch/direct.port" \
    --into "$scratch/direct" --drop 'in: 2%' --seed 7 --quiet &
  local receiver=$!
  wait_for_file "$scratch/direct.port"
  python3 "$peers/sender.py" --port "$(<"$scratch/direct.port")" --wait 0.2 unicast "$small" 127.0.0.1 >/dev/null
  wait "$receiver" || true # it cannot know that images are missing; its own tests look at the code
  expect_equal "$(images "$scratch/direct")" "$(<"$scratch/first.sums")" "images at a receiver that drops by itself"
}

# chunked NAME RELAY-OPTIONS -- SEND-OPTIONS: a set through a relay.
chunked() {
  local name=$1 options=()
  shift
  while [[ $1 != -- ]]; do options+=("$1"); shift; done
  shift
  "$gallery" receive --bind 127.0.0.1 --port 0 --ready-file "$scratch/$name-r.port" --into "$scratch/$name" --quiet &
  local receiver=$!
  wait_for_file "$scratch/$name-r.port"
  relay "$name" "$(<"$scratch/$name-r.port")" "${options[@]}"
  "$gallery" send "$small" --to "127.0.0.1:$port" --mtu 1500 --quiet "$@"
  wait "$receiver"
  end_relay
  diff -r "$small" "$scratch/$name"
}

case_chunked() { # it repairs; fates are those of a sender that loses by itself; capture and drop trace say what the report says
  chmod 777 "$scratch"
  chunked relayed --drop 5% --seed 3 --drop-trace "$scratch/relay.csv" --pcap "$scratch/relay.pcap" --
  chunked alone -- --drop 'out: 5%' --seed 3 --drop-trace "$scratch/alone.csv"
  # What is sent later depends on the time.
  dropped() { awk -F, '$1 == "outgoing" && $2 < 500 {print $2}' "$1" | sort -n; }
  expect_between "$(dropped "$scratch/relay.csv" | wc -l)" 10 50 "datagrams lost among the first 500"
  expect_equal "$(dropped "$scratch/relay.csv")" "$(dropped "$scratch/alone.csv")" "the first losses"
  expect_equal "$(grep -c ',random_loss,' "$scratch/relay.csv")" \
    $(($(way relayed toTarget lost) + $(way relayed toClient lost))) "lines of the drop trace"
  expect_equal "$(tcpdump -nr "$scratch/relay.pcap" 2>/dev/null | wc -l)" \
    $(($(way relayed toTarget delivered) + $(way relayed toClient delivered))) "packets of the capture"
}

case_first_nack() {
  chmod 777 "$scratch"
  chunked nack --impair 'out: drop 100' --impair 'in: drop the first NACK; delay 5ms' --
  expect_equal "$(way nack toTarget listed)" 1 "chunks dropped"
  expect_equal "$(way nack toClient listed)" 1 "NACKs dropped"
}

case_usage() {
  expect_exit 64 "$gallery" impair --listen 25001 --to 127.0.0.1
  expect_contains "$output" "name the port too" "without a port"
  expect_exit 64 "$gallery" impair --listen 25001 --to 127.0.0.1:25000 --drop 'here: 5%'
  expect_exit 6 "$gallery" impair --listen 192.0.2.1:25001 --to 127.0.0.1:25000
  expect_contains "$output" "--listen takes an address of this host" "an address of another host"
  expect_exit 0 "$gallery" impair --listen 0 --to 127.0.0.1:25000 --for 1ms
  expect_contains "$output" "nobody sent anything" "a relay that nobody uses"
}

test_case "impair: a naive sender and receiver lose the same images at the same seed" case_naive
test_case "impair: a chunked session through 5 % loss each way is whole" case_chunked
test_case "impair: the first NACK is dropped by name" case_first_nack
test_case "impair: wrong usage" case_usage
finish
