#!/usr/bin/env bash
# What shows images and maps without a window: in a terminal as text and as pixels, and recorded runs as pictures.
source "$(dirname "$0")/testing.bash"

# show KIND: receives four images in a terminal that has these graphics; what was drawn is in screen.
show() {
  cd "$scratch"
  rm -rf port inbox set
  mkdir set
  cp "$repository"/images/small/0[1-4]*.jpg set/
  python3 "$repository/Tests/lab/screen.py" "$1" "$gallery" show --terminal --port 0 --ready-file port --into inbox >screen &
  local shower=$!
  wait_for_file port
  "$gallery" send set --to 127.0.0.1 --port "$(grep -oE '[0-9]+$' port)" --rate 2Mbit --mtu 1500 --seed 3 --drop 'out: 5%' -q
  wait "$shower"
  expect_equal "$(cat set/*.jpg | cksum)" "$(cat inbox/*.jpg | cksum)" "the images that were received"
}
count() { grep -aoF -- "$1" screen | wc -l; } # TEXT: how often it was drawn

case_text() {
  show text
  expect_equal "$(count $'\eP')" 0 "pictures in sixels"
  expect_between "$(count $'\e[2J')" 2 100 "images that were drawn, one over the other"
  expect_between "$(count '▀')" 1000 1000000 "half blocks"
  expect_between "$(count 'missing')" 3 1000 "maps that were drawn"
  local end
  end=$(tail -c 6000 screen)
  expect_contains "$end" "repaired" "the map at the end"
  expect_contains "$end" "4 files" "the last line"
}
case_sixel() {
  show sixel
  expect_between "$(count $'\eP')" 2 100 "pictures in sixels"
  # The question to the terminal ends in the same way.
  expect_equal "$(count $'\e\\')" "$(($(count $'\eP') + 1))" "pictures that end"
  expect_equal "$(count '▀')" 0 "half blocks"
}
case_kitty() {
  show kitty
  expect_between "$(count 'a=T,f=24')" 2 100 "pictures for kitty"
  expect_equal "$(count $'\eP')" 0 "pictures in sixels"
}
case_pipe() { # no terminal: how it stood at the end
  cd "$scratch"
  "$gallery" show --terminal --port 0 --ready-file port --into inbox >screen 2>/dev/null &
  local shower=$!
  wait_for_file port
  "$gallery" send "$repository/images/small/01-mandelbrot-seahorse-tail.jpg" --to 127.0.0.1 \
    --port "$(grep -oE '[0-9]+$' port)" -q
  wait "$shower"
  expect_equal "$(count $'\e[H')" 0 "moves of the cursor"
  expect_contains "$(<screen)" "01-mandelbrot-seahorse-tail.jpg" "the image's name"
  expect_contains "$(<screen)" "missing 0" "the map"
}

record() { # NAME SEED
  rm -f port
  "$gallery" receive --port 0 --ready-file port --into "inbox-$1" --trace "$1.qlog" -q >/dev/null &
  local receiver=$!
  wait_for_file port
  "$gallery" send "$repository/images/small" --to 127.0.0.1 --port "$(grep -oE '[0-9]+$' port)" --rate 50Mbit --mtu 1500 \
    --seed "$2" --trace "$1-sender.qlog" --drop 'out: 8%' -q
  wait "$receiver"
}
case_beside() {
  cd "$scratch"
  record one 5
  record two 6
  local pair name
  for pair in "one two" "one one" "one-sender one"; do
    name=${pair/ /-}
    # shellcheck disable=SC2086
    "$gallery" view --trace ${pair/ /.qlog }.qlog --screenshot "$name.bmp" >/dev/null
    [[ -z ${GALLERY_PICTURES:-} ]] || cp "$name.bmp" "$GALLERY_PICTURES/"
  done
  # The triangle of a difference is of a colour that nothing else in these pictures has.
  python3 - <<'PY'
def has(path):
    data = open(path, "rb").read()
    return bytes([0x00, 0x5E, 0xD5]) in data
assert has("one-two.bmp") and has("one-sender-one.bmp"), "two runs that differ have no mark"
assert not has("one-one.bmp"), "a run differs from itself"
PY
  expect_exit 64 "$gallery" view --trace one.qlog two.qlog one.qlog
  expect_exit 64 "$gallery" view --trace one.qlog two.qlog --terminal
  expect_exit 2 "$gallery" view --trace one.qlog nothing.qlog --screenshot x.png
}

test_case "show --terminal draws images and map as text" case_text
test_case "show --terminal draws sixels where the terminal has them" case_sixel
test_case "show --terminal draws kitty's pictures where the terminal has them" case_kitty
test_case "show --terminal in a pipe prints the end" case_pipe
test_case "two traces side by side, and their first difference" case_beside
finish
