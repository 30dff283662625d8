#!/usr/bin/env bash
# The demo, and the options that it uses: a receiver that takes a free port and reports it.
source "$(dirname "$0")/testing.bash"
unset DISPLAY WAYLAND_DISPLAY

demo() { GALLERY=${demo_gallery:-$gallery} "$repository/Tools/demo" "$@"; }

# Two images, one of them in a sub-folder.
make_images() {
  mkdir -p "$scratch/images/inner"
  cp "$repository"/images/small/01-*.jpg "$scratch/images"
  cp "$repository"/images/small/02-*.jpg "$scratch/images/inner"
}

case_sub_folders() {
  make_images
  expect_exit 0 demo "$scratch/images"
  expect_contains "$output" "Arrived   2 of 2 files" "what arrived"
}

case_usage() {
  make_images
  expect_exit 0 demo "$scratch/images"
  local drop results
  results=$(find "$repository/.build/demo" -type f | sort)
  for drop in 200% -5% many; do
    expect_exit 2 demo "$scratch/images" --drop "$drop"
    expect_contains "$output" "--drop '$drop'" "message"
  done
  expect_exit 2 demo "$repository/.build/demo/received"
  mkdir "$scratch/empty"
  expect_exit 2 demo "$scratch/empty"
  expect_equal "$(find "$repository/.build/demo" -type f | sort)" "$results" "the last demo's results"
}

# A receiver of another program at the port that gallery takes by default.
case_default_port_in_use() {
  make_images
  "$gallery" receive --into "$scratch/theirs" --ready-file "$scratch/ready" --wait 60s 2>/dev/null &
  local other=$!
  wait_for_file "$scratch/ready"
  expect_exit 0 demo "$scratch/images"
  expect_equal "$(ls "$scratch/theirs" 2>/dev/null || true)" "" "what the other receiver got"
  kill -INT "$other"
}

# Another program sends to the demo's port before the demo does. It wraps gallery: at the first call of send it first sends
# another folder.
case_stranger_first() {
  make_images
  cat >"$scratch/gallery" <<PROGRAM
#!/usr/bin/env bash
if [[ \$1 == send && \$* == *--port* ]] && mkdir "$scratch/strange" 2>/dev/null; then
  port=\$(sed -E 's/.*--port ([0-9]+).*/\1/' <<<"\$*")
  "$gallery" send "$repository/images/small/03-"*.jpg --to 127.0.0.1 --port "\$port" >/dev/null 2>&1
  exit 5
fi
exec "$gallery" "\$@"
PROGRAM
  chmod +x "$scratch/gallery"
  demo_gallery=$scratch/gallery expect_exit 0 demo "$scratch/images"
  expect_contains "$output" "another program on this machine sent to port" "message"
  expect_contains "$output" "Arrived   2 of 2 files" "what arrived"
}


# free_port_receives NAME RECEIVER-OPTIONS -- SENDER-OPTIONS: a whole set is sent to the port that the file names.
free_port_receives() {
  local name=$1 options=() port
  shift
  while [[ $1 != -- ]]; do options+=("$1"); shift; done
  shift
  "$gallery" receive "${options[@]}" --port 0 --ready-file "$scratch/$name.port" --into "$scratch/$name" 2>/dev/null &
  wait_for_file "$scratch/$name.port"
  port=$(<"$scratch/$name.port")
  "$gallery" send "$repository/images/small" "$@" --port "$port" 2>/dev/null
  wait "$!"
  expect_equal "$(find "$scratch/$name" -type f | wc -l)" 20 "files in mode $name"
}

case_free_port() {
  free_port_receives unicast -- --to 127.0.0.1
  free_port_receives tcp --mode tcp -- --to 127.0.0.1 --mode tcp
  free_port_receives naive --protocol naive -- --to 127.0.0.1 --protocol naive --wait 0.1s --pause 5ms
}

case_keep_has_one_port() {
  "$gallery" receive --keep --overwrite --port 0 --ready-file "$scratch/port" --into "$scratch/inbox" 2>/dev/null &
  local receiver=$! code=0
  wait_for_file "$scratch/port"
  "$gallery" send "$repository/images/small" --to 127.0.0.1 --port "$(<"$scratch/port")"
  "$gallery" send "$repository/images/small" --to 127.0.0.1 --port "$(<"$scratch/port")"
  kill -INT "$receiver"
  wait "$receiver" || code=$?
  expect_equal "$(find "$scratch" -mindepth 1 -maxdepth 1 -name '*port*' | wc -l)" 1 "files beside the ready file"
}

case_ready_file_says_no() {
  expect_exit 2 "$gallery" receive --port 0 --ready-file "$scratch/absent/port" --into "$scratch/inbox"
  expect_contains "$output" "choose another --ready-file" "message"
  echo 1 >"$scratch/port" # left by an earlier receiver
  expect_exit 6 "$gallery" receive --bind 192.0.2.1 --ready-file "$scratch/port" --into "$scratch/inbox"
  expect_equal "$(find "$scratch" -mindepth 1 -maxdepth 1 -name '[!.]*' -name '*port*' | wc -l)" 0 "ready files of a receiver that never listened"
}

test_case "the demo sends images in sub-folders and compares them" case_sub_folders
test_case "a demo with wrong arguments ends with 2 and deletes nothing" case_usage
test_case "the demo needs no port of its own" case_default_port_in_use
test_case "the demo tells a stranger's session from its own" case_stranger_first
test_case "a receiver takes a free port and says which" case_free_port
test_case "with --keep the port stays" case_keep_has_one_port
test_case "a ready file appears only when the receiver listens" case_ready_file_says_no
finish
