#!/usr/bin/env bash
# The naive protocol between gallery and the course's own programs, where the course's text is available
# (Tools/course-programs says where it searches); and our copies of its programs (course.sh) compared with them.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/course.bash"

# impaired NAME: the course's unicast programs with `gallery impair` between them, run by an ordinary user in a network of his
# own. The images that arrive are in $scratch/NAME. The relay is a slow link too, so that the receiver, which decodes between
# two reads, loses none by itself.
impaired() {
  local as=()
  [[ $EUID -ne 0 ]] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  mkdir -m 777 "$scratch/$1"
  # shellcheck disable=SC2016 # the inner shell expands these
  "${as[@]}" unshare -rn bash -euc '
    ip link set lo up
    bound() { until [[ -n $(ss -Hlnu "sport = :$1") ]]; do kill -0 $!; sleep 0.05; done; }
    "$0/Tools/course-receiver" "$2/udp/unicast/show_gallery.py" "$3" --bind_ip 127.0.0.1 & receiver=$!
    bound 25000
    "$1" impair --listen 25001 --to 127.0.0.1:25000 --impair "out: loss 5%; rate 5Mbit; buffer 4s" --seed 1 -q & relay=$!
    bound 25001
    python3 "$2/udp/unicast/send_gallery.py" --img_dir "$4" --to_ip 127.0.0.1 --to_port 25001
    wait $receiver
    kill -INT $relay
    wait $relay' "$repository" "$gallery" "$course" "$scratch/$1" "$repository/images/small"
}
case_impaired() {
  chmod 755 "$course"
  chmod 777 "$scratch"
  local name
  for name in first again; do impaired $name; done
  expect_between "$(find "$scratch/first" -type f | wc -l)" 1 19 "images of 20 that arrived at 5 %"
  diff -r "$scratch/first" "$scratch/again"
}

course=$(mktemp -d "${TMPDIR:-/tmp}/gallery-course.XXXXXX")
export course
trap 'rm -rf "$course"' EXIT
if ! reason=$("$repository/Tools/course-programs" "$course" ${GALLERY_COURSE_TEXT:-} 2>&1); then
  echo "the course's own programs do not run here, only ours that say the same (course.sh): ${reason%%;*}"
elif ! python3 -c 'import matplotlib' 2>/dev/null; then
  echo "the course's own programs do not run here, only ours that say the same (course.sh): python3 has no matplotlib"
else
  python3 -m compileall -q "$course" || exit 1
  # Six images and two receivers, because the course's receiver takes seconds to start. course.sh has all.
  receivers=(r1 r2) addresses=10.77.0.11,10.77.0.12
  mkdir "$course/images"
  cp "$small"/0[1-6]*.jpg "$course/images"
  small=$course/images
  for mode in unicast broadcast multicast tcp; do
    eval "case_sender_$mode() { sends their $mode; }
      case_receiver_$mode() { receives their $mode 300ms; }
      case_same_wire_$mode() { same_wire $mode; }
      case_receives_ours_$mode() { receives_ours $mode; }"
    test_case "naive $mode, the course's sender to gallery" case_sender_$mode
    test_case "naive $mode, gallery to the course's receiver" case_receiver_$mode
    test_case "naive $mode, our sender says what the course's says" case_same_wire_$mode
    test_case "naive $mode, our sender to the course's receiver" case_receives_ours_$mode
  done
  [[ -z ${GALLERY_FULL:-} ]] || test_case "the course's programs through gallery impair lose the same images twice" case_impaired
fi
finish
