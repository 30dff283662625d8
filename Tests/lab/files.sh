#!/usr/bin/env bash
# Situations with files and folders, by real processes on loopback: file systems with few features, the
# receiver's umask, folders that cannot store files, and files that are left out of a set.
source "$(dirname "$0")/testing.bash"

# listen MODE INBOX OPTIONS…: a receiver in the background; sets $port and $receiver. Its output: $scratch/receiver.out
listen() {
  rm -f "$scratch/port"
  timeout --kill-after=2 100 "$gallery" receive --mode "$1" --bind 127.0.0.1 --port 0 --ready-file "$scratch/port" \
    --into "$2" "${@:3}" >"$scratch/receiver.out" 2>&1 &
  receiver=$!
  wait_until eval '[[ -s $scratch/port ]] || ! kill -0 "$receiver"'
  [[ -s $scratch/port ]] || { echo "the receiver did not listen: $(<"$scratch/receiver.out")"; exit 1; }
  port=$(<"$scratch/port")
}

# send_to_it CODE MODE OPERANDS AND OPTIONS…: expects both ends to exit with CODE's two numbers, as in 0,3.
send_to_it() {
  local code=0
  expect_exit "${1%,*}" timeout --kill-after=2 100 "$gallery" send "${@:3}" --mode "$2" --to "127.0.0.1:$port"
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
  # The end of the case alone would leave both.
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
  send_to_it 0,0 tcp "$scratch/set" --protocol naive
  expect_equal "$(cat "$scratch/card/naive/"* | cksum)" "$(cat "$scratch/set/"* | cksum)" "what the naive receiver stored"
}

# Without --overwrite an existing file and its content stay. No work folder and no empty file is left.
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

# Two names on Linux are one name on the card. The second file fails by name, and does not replace the first.
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

# Two receivers fill one folder of a card at the same time. Each name goes to one of them, and the other one reports this.
case_card_for_two() {
  local first_port name failed
  mount_card
  photos "$scratch/a" 20
  photos "$scratch/b" 20
  listen tcp "$scratch/card/in"
  mv "$scratch/receiver.out" "$scratch/first.out"
  first_port=$port
  listen tcp "$scratch/card/in"
  "$gallery" send "$scratch/a" --mode tcp --to "127.0.0.1:$first_port" --quiet >/dev/null 2>&1 &
  "$gallery" send "$scratch/b" --mode tcp --to "127.0.0.1:$port" --quiet >/dev/null 2>&1 || true
  wait
  failed=$(cat "$scratch/first.out" "$scratch/receiver.out" | grep -c '^p.* exists already with other content') || true
  expect_equal "$failed" 20 "names that the second to come was refused"
  for name in "$scratch/card/in"/*; do
    cmp -s "$name" "$scratch/a/${name##*/}" || cmp "$name" "$scratch/b/${name##*/}"
  done
  expect_equal "$(ls -A "$scratch/card/in" | wc -l)" 20 "files, and nothing else"
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

# A file that is too large for the receiver's file system (FAT: 4 GiB; here: the limit of `ulimit -f`) fails by name.
case_too_large() {
  local mode
  photos "$scratch/set" 3
  head -c 300000 /dev/urandom >"$scratch/set/p2.jpg"
  for mode in unicast tcp; do
    ulimit -S -f 100
    listen $mode "$scratch/$mode"
    ulimit -S -f unlimited
    send_to_it 3,2 $mode "$scratch/set"
    expect_equal "$(names "$scratch/$mode")" "p1.jpg p3.jpg" "the inbox ($mode)"
    cmp "$scratch/set/p1.jpg" "$scratch/$mode/p1.jpg"
    expect_contains "$(<"$scratch/receiver.out")" "no room for $scratch/$mode/p2.jpg: the file is larger" "the receiver"
  done
}

# A folder that cannot store files is an error at the start, in one line, in every mode.
case_unusable_inbox() {
  local options inbox
  echo >"$scratch/README.md"
  for inbox in "$scratch/README.md" "$scratch/README.md/sub" /proc/x /sys; do
    for options in 'receive' 'receive --mode tcp' 'receive --protocol naive' 'receive --keep --overwrite' \
      'receive --mode multicast --group 224.1.1.9' "show --screenshot $scratch/x.png" 'show --mode tcp'; do
      # Unquoted on purpose: several words.
      # shellcheck disable=SC2086
      expect_exit 2 timeout --kill-after=2 100 "$gallery" $options --into "$inbox" --port 0
      expect_contains "$output" "gallery: no files can be put into $inbox: " "$options"
      expect_equal "$(wc -l <<<"$output")" 1 "lines of $options"
    done
  done
  expect_exit 2 timeout --kill-after=2 100 "$gallery" receive --json --into /proc/x --port 0
  expect_contains "$output" '"exitCode" : 2' "--json"
}

# One bad name, one dead link, one pipe: the rest is sent. A file that was left out makes the exit code 3.
case_bad_items() {
  photos "$scratch/set" 3
  cp "$scratch/set/p1.jpg" "$scratch/set/IMG_1.jpg"
  cp "$scratch/set/p2.jpg" "$scratch/set/img_1.JPG"
  cp -r "$scratch/set" "$scratch/good"
  ln -s /nowhere/x.jpg "$scratch/set/gone.jpg"
  mkfifo "$scratch/set/pipe.jpg"
  python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$scratch/set/socket.jpg"
  local mode
  for mode in unicast tcp; do
    listen $mode "$scratch/$mode"
    send_to_it 0,0 $mode "$scratch/set"
    diff -r "$scratch/good" "$scratch/$mode"
    expect_equal "$(grep -c '^left out: ' <<<"$output")" 3 "lines about what is left out"
  done
  cp "$scratch/set/p1.jpg" "$scratch/set/$(printf 'caf\xe9.jpg')"
  listen unicast "$scratch/latin1"
  send_to_it 3,0 unicast "$scratch/set" --quiet
  diff -r "$scratch/good" "$scratch/latin1"
  expect_equal "$output" "gallery: not all was sent: the name $scratch/set/caf\\xe9.jpg is not UTF-8; rename it, for example with convmv" "under --quiet"
  listen unicast "$scratch/naive" --protocol naive
  send_to_it 3,0 unicast "$scratch/set" --protocol naive --wait 0.1s
  expect_equal "$(ls "$scratch/naive" | wc -l)" 5 "images of the naive protocol"
  expect_exit 0 "$gallery" view "$scratch/set" --contact-sheet "$scratch/sheet.png"
  expect_exit 0 "$gallery" account "$scratch/set"
}

# A camera's card, in every case: no picture at the top, some at the top, everything requested.
case_hints() {
  photos "$scratch/DCIM/100CANON" 20
  photos "$scratch/DCIM/101CANON" 20
  expect_exit 2 "$gallery" send "$scratch/DCIM" --to 127.0.0.1
  expect_equal "$output" "gallery: no images (*.jpg, *.jpeg) in $scratch/DCIM; 40 files in 2 sub-folders are left out; --recursive sends them" "nothing at the top"
  cp "$scratch/DCIM/100CANON/p1.jpg" "$scratch/DCIM/cover.jpg"
  cp "$scratch/DCIM/100CANON/p2.jpg" "$scratch/DCIM/scan.JFIF"
  echo x >"$scratch/DCIM/poster.png"
  echo x >"$scratch/DCIM/clip.mov"
  listen unicast "$scratch/top"
  send_to_it 0,0 unicast "$scratch/DCIM"
  expect_equal "$(names "$scratch/top")" "cover.jpg scan.JFIF" "what arrived"
  expect_contains "$output" "40 files in 2 sub-folders are left out; --recursive sends them" "sub-folders"
  expect_contains "$output" "1 other image (.png) and 1 other file (.mov) are left out; --all sends them" "other files"
  listen unicast "$scratch/whole"
  send_to_it 0,0 unicast "$scratch/DCIM" --all --recursive
  diff -r "$scratch/DCIM" "$scratch/whole"
  expect_equal "$(grep -c 'left out' <<<"$output")" 0 "notices when nothing is left out"
}

# send *.jpg album: one set, whatever protocol.
case_several() {
  local mode
  photos "$scratch/set" 3
  photos "$scratch/album/inner" 2
  mv "$scratch/album/inner/p1.jpg" "$scratch/album/cover.jpg"
  mkdir "$scratch/expected"
  cp -r "$scratch/set/p1.jpg" "$scratch/set/p3.jpg" "$scratch/album/cover.jpg" "$scratch/album/inner" "$scratch/expected"
  for mode in unicast tcp; do
    listen $mode "$scratch/$mode"
    send_to_it 0,0 $mode "$scratch/set/p3.jpg" "$scratch/album" "$scratch/set/p1.jpg" --recursive
    diff -r "$scratch/expected" "$scratch/$mode"
  done
  listen unicast "$scratch/one"
  cd "$scratch/set"
  send_to_it 0,0 unicast p2.jpg
  cd "$repository"
  cmp "$scratch/set/p2.jpg" "$scratch/one/p2.jpg"
  listen unicast "$scratch/naive" --protocol naive
  send_to_it 0,0 unicast "$scratch/set/p3.jpg" "$scratch/album" --protocol naive --wait 0.1s
  cmp "$scratch/album/cover.jpg" "$scratch/naive/image-0000.jpg"
  cmp "$scratch/set/p3.jpg" "$scratch/naive/image-0001.jpg"
  # Of two files with one name the second is left out, by both names.
  listen unicast "$scratch/twice"
  send_to_it 3,0 unicast "$scratch/set" "$scratch/album/inner"
  diff -r "$scratch/set" "$scratch/twice"
  expect_contains "$output" "$scratch/album/inner/p2.jpg would have the name of $scratch/set/p2.jpg" "the name twice"
  # A mistyped operand is reported before anything is sent.
  expect_exit 2 "$gallery" send "$scratch/set/p1.jpg" "$scratch/set/p9.jpg" --to 127.0.0.1
  expect_exit 0 "$gallery" view "$scratch/set/p1.jpg" "$scratch/album" --contact-sheet "$scratch/sheet.png"
}

# A time before 1970, and times beyond what 64 bits of nanoseconds can express.
case_dates() {
  local mode
  photos "$scratch/set" 4
  touch -d '1960-01-02 03:04:05.6 UTC' "$scratch/set/p1.jpg"
  touch -d '2300-01-01 UTC' "$scratch/set/p2.jpg"
  touch -d '1700-01-01 UTC' "$scratch/set/p3.jpg"
  touch -d '@0' "$scratch/set/p4.jpg"
  for mode in unicast tcp; do
    listen $mode "$scratch/$mode"
    send_to_it 0,0 $mode "$scratch/set"
    diff -r "$scratch/set" "$scratch/$mode"
    for name in p1.jpg p4.jpg; do
      expect_equal "$(stat -c %y "$scratch/$mode/$name")" "$(stat -c %y "$scratch/set/$name")" "time of $name ($mode)"
    done
  done
  listen unicast "$scratch/naive" --protocol naive
  send_to_it 0,0 unicast "$scratch/set" --protocol naive --wait 0.1s
}

test_case "a memory card without exclusive rename and links takes all files" case_card
test_case "on such a card no file is replaced, but by --overwrite" case_card_keeps
test_case "two receivers share a card's folder: no file is lost, none is empty" case_card_for_two
test_case "names that differ by case arrive at Linux, and one of them at a card" case_card_letter_case
test_case "the receiver's umask bounds the modes of files and folders" case_umask
test_case "a file too large for the receiver's file system fails, the others do not" case_too_large
test_case "a folder that cannot take files is an error at the start" case_unusable_inbox
test_case "one bad item does not keep the others here" case_bad_items
test_case "what is left out is said, with the option that sends it" case_hints
test_case "several files and folders are one set" case_several
test_case "any date passes" case_dates
finish
