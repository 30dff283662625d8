#!/usr/bin/env bash
# Every key and mouse action of the windows, pressed by xdotool on a virtual display: each changes the picture, or gives it
# back. GALLERY_FULL=1, because it takes minutes. GALLERY_PICTURES=FOLDER keeps a PNG after each action, for looking at.
source "$(dirname "$0")/testing.bash"
[[ ${GALLERY_FULL:-} == 1 ]] || finish
images=$repository/images/small

# open WORD…: a virtual display of 960 × 720, and gallery in it, with the focus.
open() {
  local program
  for program in Xvfb xdotool import; do command -v "$program" >/dev/null || skip "$program is missing"; done
  cd "$scratch"
  Xvfb -displayfd 3 -screen 0 960x720x24 -nolisten tcp 3>display 2>/dev/null &
  wait_for_file display
  DISPLAY=:$(<display)
  export DISPLAY
  (cd "$repository" && exec "$gallery" "$@" >"$scratch/said" 2>&1) &
  pid=$!
  wait_until xdotool search --onlyvisible --name "at host|from host"
  window=$(xdotool search --onlyvisible --name "at host|from host" | head -n 1)
  xdotool windowfocus --sync "$window"
  xdotool mousemove 959 719
  pictures=${GALLERY_PICTURES:-$scratch/pictures}
  mkdir -p "$pictures"
  number=0 last=none
}
picture() { # the display's pixels in a word; the PNG is shot.png
  import -window root shot.png
  identify -format '%#' shot.png
}
settles() { # the picture stands still: two looks are the same
  local one=none two
  for _ in {1..200}; do
    two=$(picture)
    [[ $two != "$one" ]] || { echo "$two"; return; }
    one=$two
    sleep 0.15
  done
  echo "the picture never stands still" >&2
  return 1
}
keep() { # NAME
  number=$((number + 1))
  cp shot.png "$pictures/$(printf '%s-%02d-%s' "$tour" "$number" "$1").png"
}
# changes NAME WORD…: xdotool does this, and the picture becomes another one, and stands still.
changes() {
  local name=$1 now
  shift
  xdotool "$@"
  for _ in {1..100}; do
    now=$(settles)
    [[ $now == "$last" ]] || break
  done
  keep "$name"
  [[ $now != "$last" ]] || { echo "$name changed nothing"; exit 1; }
  last=$now
}
# moves NAME WORD…: the same where the picture does not stand still afterwards.
moves() {
  local name=$1
  shift
  xdotool "$@"
  for _ in {1..100}; do [[ $(picture) == "$last" ]] || break; done
  keep "$name"
  last=$(picture)
}
# returns NAME WANTED WORD…: the picture becomes this one again.
returns() {
  local name=$1 wanted=$2 now
  shift 2
  xdotool "$@"
  for _ in {1..100}; do
    now=$(settles)
    [[ $now != "$wanted" ]] || break
  done
  keep "$name"
  expect_equal "$now" "$wanted" "the picture after $name"
  last=$now
}
has_colors() { (($(picture >/dev/null; identify -format %k shot.png) > 1)); }
# The window has drawn something.
begins() { wait_until has_colors; last=$(settles); keep begin; }
ends() { # WORD…: closes the window
  xdotool "$@"
  wait_until is_over
  wait "$pid"
}
is_over() { ! kill -0 "$pid"; }

case_images() {
  tour=images
  open view "$images"
  begins
  local grid=$last image fitted
  changes right key Right
  changes down key Down
  changes end key End
  returns home "$grid" key Home
  changes page-down key Next
  returns page-up "$grid" key Prior
  changes plus key plus
  changes wheel-down mousemove 480 400 click 5
  changes drag mousemove 480 300 mousedown 1 mousemove 480 340 mousemove 480 420 mouseup 1
  changes minus key Home key minus
  returns zero "$grid" key 0 mousemove 959 719
  changes help key question
  returns help-again "$grid" key question
  changes help-f1 key F1
  returns help-escape "$grid" key Escape
  changes light key t
  returns dark "$grid" key t
  changes larger-text key ctrl+plus
  returns smaller-text "$grid" key ctrl+minus
  changes smallest-text key ctrl+minus key ctrl+minus
  returns usual-text "$grid" key ctrl+plus key ctrl+plus
  changes enter key Right key Return
  image=$last
  changes next key Right
  returns before "$image" key Left
  changes page-down-image key Next
  returns page-up-image "$image" key Prior
  fitted=$last
  changes zoom-in key plus key plus key plus
  changes pan-right key Right
  changes pan-down key Down
  changes pan-left key Left
  changes pan-up key Up
  changes drag-image mousemove 480 300 mousedown 1 mousemove 440 280 mousemove 400 260 mouseup 1
  changes zoom-out key minus
  changes full-size key 1
  returns fit "$fitted" key 0
  changes wheel-at-pointer mousemove 700 200 click 4 click 4 click 4
  returns fit-again "$fitted" key 0 mousemove 959 719
  changes last-image key End
  changes first-image key Home
  changes no-map key m
  changes map-next key Right
  changes no-map-back key m
  changes grid-by-g key g
  changes image-by-click mousemove 300 300 click 1 mousemove 959 719
  changes grid-by-escape key Escape
  changes resized windowsize --sync "$window" 640 480
  changes resized-back windowsize --sync "$window" 960 720
  ends key q
}

case_show() { # the slide show: it moves on by itself, stops, fades, mixes
  tour=show
  open view "$images" --interval 2s
  local now stopped
  wait_until has_colors
  last=$(picture)
  keep begin
  moves goes-on sleep 1.5
  # Within a fade, many looks differ: of 30 looks in three seconds more than the two images.
  declare -A looks=()
  for _ in {1..30}; do looks[$(picture)]=1; sleep 0.02; done
  keep fade
  expect_between "${#looks[@]}" 3 30 "pictures while one image follows another"
  changes stopped key space
  stopped=$last
  sleep 3
  now=$(picture)
  expect_equal "$now" "$stopped" "the picture of a show that stands still"
  changes mixed key s
  changes mixed-next key Right
  changes in-order key s
  moves goes-on-again key space
  moves full-screen key f
  ends key Escape
}

record() { # NAME SEED: a run with losses, and its traces
  rm -f port
  "$gallery" receive --port 0 --ready-file port --into "inbox-$1" --trace "$1.qlog" -q >/dev/null &
  wait_for_file port
  "$gallery" send "$images" --to 127.0.0.1 --port "$(grep -oE '[0-9]+$' port)" --rate 20Mbit --mtu 1500 --seed "$2" \
    --trace "$1-sender.qlog" --impair 'out: loss 8%; delay 20ms' -q
  wait $!
}

case_replay() {
  tour=replay
  cd "$scratch"
  record one 5
  open view --trace "$scratch/one.qlog" --at 50%
  begins
  local before began
  changes on key period
  before=$last
  changes on-again key period
  returns back "$before" key comma
  changes nack key Down
  changes nack-before key Up
  changes fiftieth key Right
  changes fiftieth-back key Left
  changes tenth key Next
  changes tenth-back key Prior
  changes beginning key Home
  began=$last
  changes end key End
  returns beginning-again "$began" key Home
  changes faster key plus
  changes slower key minus key minus
  changes usual-speed key 0
  changes real-time key 1
  key_r
  changes time-line mousemove 500 670 click 1
  changes time-line-drag mousemove 500 670 mousedown 1 mousemove 600 670 mousemove 700 670 mouseup 1
  changes wheel click 5
  changes wheel-back click 4
  changes pointer mousemove 300 200
  changes pointer-away mousemove 959 719
  changes light key t
  changes dark key t
  changes larger-text key ctrl+plus
  changes usual-text key ctrl+minus
  changes help key question
  changes help-away key Escape
  changes usual-end key End
  ends key Escape
}
key_r() { # plays to the end and back to the beginning
  changes at-beginning key End key Home key 0
  moves plays key space
  moves stops key space
  moves backwards key r key space
  changes arrived-at-beginning key space key Home
}

case_beside() {
  tour=beside
  cd "$scratch"
  record one 5
  record two 6
  open view --trace "$scratch/one.qlog" "$scratch/two.qlog" --at 100%
  begins
  changes difference key d
  changes datagram key period
  changes beginning key Home
  changes pointer mousemove 200 250
  changes pointer-right mousemove 700 250
  ends key q
}

case_transfer() { # the window of a receiver while images arrive, and that of their sender
  tour=transfer
  cd "$scratch"
  open show --port 0 --ready-file "$scratch/port" --into "$scratch/inbox" --interval 1s
  begins
  local receiver=$pid
  wait_for_file port
  "$gallery" send "$images" --to 127.0.0.1 --port "$(grep -oE '[0-9]+$' port)" --rate 1Mbit --seed 3 \
    --drop 'out: 5%' -q >/dev/null 2>&1 &
  sender=$!
  sleep 2
  moves grid key g
  sleep 2
  moves map key m
  moves map-pointer mousemove 300 200
  moves map-light key t
  moves map-dark key t
  moves image-before key Left
  moves map-back key m
  moves image key Return
  wait "$sender"
  changes at-the-end key g
  changes map-at-the-end key m
  pid=$receiver
  ends key q
}

case_sender() {
  tour=sender
  cd "$scratch"
  open send images/small --mode multicast --to 239.255.78.8 --port 25778 --interface lo --rate 1Mbit --mtu 1500 --window
  last=$(settles)
  keep nobody
  local place
  for place in 0 1 2 3 4 5 6 7 8; do
    "$gallery" receive --mode multicast --group 239.255.78.8 --interface lo --port 25778 --name "host-$place" \
      --into "inbox-$place" --drop "in: $((2 * place))%" --seed "$place" -q >/dev/null 2>&1 &
  done
  sleep 3
  keep_now here
  moves started key Return
  sleep 3
  keep_now under-way
  moves down key Down
  moves up key Up
  moves end key End
  moves home key Home
  moves wheel click 5
  moves page-down key Next
  moves page-up key Prior
  moves light key t
  moves help key question
  moves help-away key Escape
  sleep 6
  keep_now later
  xdotool key q
  wait_until is_over
}
keep_now() { last=$(picture); keep "$1"; }

test_case "every key and mouse action of grid and image" case_images
test_case "a slide show goes on, fades, stops and mixes" case_show
test_case "every key and mouse action of a replay" case_replay
test_case "two traces side by side" case_beside
test_case "the window of a receiver while images arrive" case_transfer
test_case "the window of a sender" case_sender
finish
