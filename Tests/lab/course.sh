#!/usr/bin/env bash
# The naive protocol in its four modes, between gallery and the course's own programs: they sleep for three seconds at a
# time, so these cases mostly wait. Every image's bytes are compared.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/modes.bash"
require_root

# The course's programs, extracted from the course text; its code is not ours to keep here.
course_programs() {
  "$repository/Tools/course-programs" "$scratch/course" ${GALLERY_COURSE_TEXT:-} ||
    skip "the course text is not here (set GALLERY_COURSE_TEXT)"
  python3 -c 'import matplotlib' 2>/dev/null || skip "python3 has no matplotlib"
}

course_sends() { # MODE
  course_programs
  local to receive ready destinations program=$scratch/course/udp/$1/send_gallery.py where=--to_ip
  options_of "$1"
  case $1 in
    multicast) destinations=($group) where="--outbound_ip 10.77.0.1 --mcast_ip" ;;
    broadcast) destinations=(10.77.0.255) ;;
    *) IFS=, read -ra destinations <<<"$addresses" ;;
  esac
  [[ $1 != tcp ]] || program=$scratch/course/tcp/send_gallery.py
  lab run --receivers 3 $ready 25000 --timeout 60 -- bash -c '
    program=$1 where=$2 folder=$3; shift 3
    for to; do python3 "$program" --img_dir "$folder" $where $to; done
  ' sender "$program" "$where" "$small" "${destinations[@]}" --- \
    "$gallery" receive --protocol naive --mode "$1" "${receive[@]}" --into "$scratch/{host}" --idle-timeout 20s --quiet
  # The course sends in the order of glob: what arrived is compared as a set.
  for host in "${receivers[@]}"; do
    expect_equal "$(cat "$scratch/$host"/* | wc -c)" "$(cat "$small"/* | wc -c)" "bytes at $host"
    expect_equal "$(md5sum "$scratch/$host"/* | cut -c1-32 | sort)" "$(md5sum "$small"/* | cut -c1-32 | sort)" "images at $host"
  done
}
case_course_sends_unicast() { course_sends unicast; }
case_course_sends_broadcast() { course_sends broadcast; }
case_course_sends_multicast() { course_sends multicast; }
case_course_sends_tcp() { course_sends tcp; }

course_receives() { # MODE
  course_programs
  local ready destinations interface="" program arguments
  ready=--ready-udp
  case $1 in
    unicast) arguments=(--bind_ip "{address}" --bind_port 25000) program=udp/unicast ;;
    broadcast) arguments=(--bind_ip 10.77.0.255 --bind_port 25000) program=udp/unicast destinations=(10.77.0.255) ;;
    multicast)
      arguments=(--mcast_ip $group --mcast_port 25000 --arrival_ip "{address}") program=udp/multicast
      destinations=($group) interface="--interface eth1"
      ;;
    tcp) arguments=(--listen_ip "{address}" --listen_port 25000) program=tcp ready=--ready-tcp ;;
  esac
  [[ -n ${destinations:-} ]] || IFS=, read -ra destinations <<<"$addresses"
  # The course's receivers decode between two reads, behind the kernel's default buffer: they need a pause.
  lab run --receivers 3 $ready 25000 --ready-timeout 40 --timeout 90 -- bash -c '
    gallery=$1 folder=$2 mode=$3 interface=$4; shift 4
    for to; do "$gallery" send "$folder" --protocol naive --mode $mode --to $to $interface --pause 150ms --wait 1s --quiet; done
  ' sender "$gallery" "$small" "$1" "$interface" "${destinations[@]}" --- \
    "$repository/Tools/course-receiver" "$scratch/course/$program/show_gallery.py" "$scratch/{host}" "${arguments[@]}"
  for host in "${receivers[@]}"; do same_sequence "$small" $(ls -d "$scratch/$host"/* | sort -V); done
}
case_course_receives_unicast() { course_receives unicast; }
case_course_receives_broadcast() { course_receives broadcast; }
case_course_receives_multicast() { course_receives multicast; }
case_course_receives_tcp() { course_receives tcp; }

for mode in unicast broadcast multicast tcp; do
  test_case "naive $mode, the course's sender to gallery" case_course_sends_$mode
  test_case "naive $mode, gallery to the course's receiver" case_course_receives_$mode
done
finish
