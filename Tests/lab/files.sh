#!/usr/bin/env bash
# What people meet with files and folders, by real processes on loopback: file systems that lack what others have, the
# receiver's umask, folders that cannot take files, and what is left out of a set.
source "$(dirname "$0")/testing.bash"

# port_is_bound udp|tcp PORT
port_is_bound() { [[ -n $(ss -H -ln --"$1" "sport = :$2") ]]; }
free_port() {
  local port
  for ((port = 21000 + RANDOM % 4000; port < 25000; port++)); do
    port_is_bound udp "$port" || port_is_bound tcp "$port" || { echo "$port"; return; }
  done
}

# listen MODE INBOX OPTIONS…: a receiver in the background; sets $port and $receiver. Its output: $scratch/receiver.out
listen() {
  local tries kind=udp
  [[ $1 != tcp ]] || kind=tcp
  port=$(free_port)
  timeout --kill-after=2 60 "$gallery" receive --mode "$1" --bind 127.0.0.1 --port "$port" --into "$2" "${@:3}" \
    >"$scratch/receiver.out" 2>&1 &
  receiver=$!
  for ((tries = 0; tries < 500; tries++)); do
    ! port_is_bound $kind "$port" || return 0
    sleep 0.02
  done
  echo "nobody bound port $port within 10 s"
  cat "$scratch/receiver.out"
  exit 1
}

# send_to_it CODE MODE OPERANDS AND OPTIONS…: expects both ends to exit with CODE's two numbers, as in 0,3.
send_to_it() {
  local code=0
  expect_exit "${1%,*}" timeout --kill-after=2 60 "$gallery" send "${@:3}" --mode "$2" --to "127.0.0.1:$port"
  wait "$receiver" || code=$?
  expect_equal "$code" "${1#*,}" "exit code of the receiver, which said: $(<"$scratch/receiver.out")"
}

# photos FOLDER COUNT [ENDING]: files of 2,000 random bytes each, p1.jpg, p2.jpg, …
photos() {
  local i
  mkdir -p "$1"
  for ((i = 1; i <= $2; i++)); do head -c 2000 /dev/urandom >"$1/p$i${3:-.jpg}"; done
}

names() { (cd "$1" && find . -mindepth 1 | sort | sed 's,^\./,,' | tr '\n' ' ' | sed 's/ $//'); }

# A memory card: exFAT through FUSE, which has neither RENAME_NOREPLACE nor links, and ignores letter case. At $scratch/card
mount_card() {
  require_root
  truncate -s 32M "$scratch/image"
  mkfs.exfat "$scratch/image" >/dev/null
  mkdir "$scratch/card"
  device=$(losetup --find --show "$scratch/image")
  # The case's own end would leave both.
  trap 'umount -l "$scratch/card"; losetup -d "$device"; end_case' EXIT
  mount.exfat-fuse "$device" "$scratch/card" >/dev/null 2>&1
}

case_card() {
  local mode
  mount_card
  photos "$scratch/set" 6
  : >"$scratch/set/empty.jpg"
  for mode in unicast tcp; do
    listen $mode "$scratch/card/$mode"
    send_to_it 0,0 $mode "$scratch/set"
    diff -r "$scratch/set" "$scratch/card/$mode"
  done
  listen tcp "$scratch/card/naive" --protocol naive
  rm "$scratch/set/empty.jpg"
  send_to_it 0,0 tcp "$scratch/set" --protocol naive --wait 0.1s
  expect_equal "$(cat "$scratch/card/naive/"* | cksum)" "$(cat "$scratch/set/"* | cksum)" "what the naive receiver stored"
}

# A file that is there stays, without --overwrite, and its content does; no work folder, no empty file is left.
case_card_keeps() {
  mount_card
  photos "$scratch/set" 3
  mkdir "$scratch/card/in"
  echo mine >"$scratch/card/in/p2.jpg"
  listen unicast "$scratch/card/in"
  send_to_it 3,3 unicast "$scratch/set"
  expect_equal "$(names "$scratch/card/in")" "p1.jpg p2.jpg p3.jpg" "the inbox"
  expect_equal "$(<"$scratch/card/in/p2.jpg")" mine "the file that was there"
  listen unicast "$scratch/card/in" --overwrite
  send_to_it 0,0 unicast "$scratch/set"
  diff -r "$scratch/set" "$scratch/card/in"
}

# Two names for Linux, one for the card: the second fails by name, and does not replace the first.
case_card_letter_case() {
  local option
  mount_card
  photos "$scratch/set" 2
  cp "$scratch/set/p1.jpg" "$scratch/set/IMG_1.jpg"
  cp "$scratch/set/p2.jpg" "$scratch/set/img_1.JPG"
  listen unicast "$scratch/linux"
  send_to_it 0,0 unicast "$scratch/set"
  diff -r "$scratch/set" "$scratch/linux"
  for option in --keep-nothing --overwrite; do
    rm -rf "$scratch/card/in"
    listen unicast "$scratch/card/in" ${option/--keep-nothing/}
    send_to_it 3,3 unicast "$scratch/set"
    expect_equal "$(names "$scratch/card/in")" "IMG_1.jpg p1.jpg p2.jpg" "the inbox"
    cmp "$scratch/card/in/IMG_1.jpg" "$scratch/set/IMG_1.jpg"
    expect_contains "$(<"$scratch/receiver.out")" "img_1.JPG would be one file with IMG_1.jpg" "the receiver"
  done
}

case_umask() {
  local mode
  photos "$scratch/set" 2
  chmod 666 "$scratch/set/p1.jpg"
  chmod 4777 "$scratch/set/p2.jpg"
  for mode in unicast tcp; do
    umask 077
    listen $mode "$scratch/$mode"
    umask 022
    send_to_it 0,0 $mode "$scratch/set"
    expect_equal "$(stat -c %a "$scratch/$mode" "$scratch/$mode"/* | tr '\n' ' ')" "700 600 600 " "modes ($mode)"
  done
  umask 077
  listen unicast "$scratch/naive" --protocol naive
  umask 022
  send_to_it 0,0 unicast "$scratch/set" --protocol naive --wait 0.1s
  expect_equal "$(stat -c %a "$scratch/naive" "$scratch/naive"/* | tr '\n' ' ')" "700 600 600 " "modes (naive)"
}

# A folder that cannot take files is an error of the start, in one line, whatever is to receive.
case_unusable_inbox() {
  local options inbox
  echo >"$scratch/README.md"
  for inbox in "$scratch/README.md" "$scratch/README.md/sub" /proc/x /sys; do
    for options in 'receive' 'receive --mode tcp' 'receive --protocol naive' 'receive --keep --overwrite' \
      'receive --mode multicast --group 224.1.1.9' "show --screenshot $scratch/x.png" 'show --mode tcp'; do
      # Words on purpose.
      # shellcheck disable=SC2086
      expect_exit 2 timeout --kill-after=2 10 "$gallery" $options --into "$inbox" --port "$(free_port)"
      expect_contains "$output" "gallery: no files can be put into $inbox: " "$options"
      expect_equal "$(wc -l <<<"$output")" 1 "lines of $options"
    done
  done
  expect_exit 2 timeout --kill-after=2 10 "$gallery" receive --json --into /proc/x --port "$(free_port)"
  expect_contains "$output" '"exitCode" : 2' "--json"
}

test_case "a memory card without exclusive rename and links takes all files" case_card
test_case "on such a card no file is replaced, but by --overwrite" case_card_keeps
test_case "names that differ by case arrive at Linux, and one of them at a card" case_card_letter_case
test_case "the receiver's umask bounds the modes of files and folders" case_umask
test_case "a folder that cannot take files is an error at the start" case_unusable_inbox
finish
