#!/usr/bin/env bash
# The naive protocol between gallery and the course's own programs, where the course's text is available
# (Tools/course-programs says where it searches); and our copies of its programs (course.sh) compared with them.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/course.bash"

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
fi
finish
