# shellcheck shell=bash disable=SC2154 # test files and what they source share variables
# Shared by the tests with programs as those of a first networking course. Sourced after testing.bash, never run.
# We may not copy the course's code, so course/sender.py and course/receiver.py send the same bytes. The senders wait for
# three seconds at a time, so these cases mostly wait. Every image's bytes are compared.
source "$(dirname "$0")/modes.bash"
require_root
peers=$repository/Tests/lab/course

# The destinations of a sender in each mode ($destinations), and the address at which a receiver listens.
course_options() { # MODE
  destinations=() listen="{address}" interface=""
  case $1 in
    broadcast) destinations=(10.77.0.255) listen=10.77.0.255 ;;
    multicast) destinations=("$group") listen=$group interface="--interface eth1" ;;
    *) IFS=, read -ra destinations <<<"$addresses" ;;
  esac
}

same_set() { # SENT RECEIVED: the same images, in any order: the course sends in that of its directory
  expect_equal "$(md5sum "$2"/* | cut -c1-32 | sort)" "$(md5sum "$1"/* | cut -c1-32 | sort)" "images in $2"
}

# gallery receives from a sender, which is given as a command of FOLDER and DESTINATION.
to_gallery() { # MODE COMMAND…
  local to receive ready destinations listen interface mode=$1
  shift
  options_of "$mode"
  course_options "$mode"
  lab run --receivers ${#receivers[@]} $ready 25000 --timeout 100 -- bash -c '
    set -e; folder=$1 destinations=$2; shift 2
    pids=()
    for to in $destinations; do "$@" "$folder" "$to" & pids+=($!); done # at the same time, as they mostly wait
    for pid in "${pids[@]}"; do wait "$pid"; done
  ' sender "$small" "${destinations[*]}" "$@" --- \
    "$gallery" receive --protocol naive --mode "$mode" "${receive[@]}" --into "$scratch/{host}" --wait 100s --idle-timeout 60s --quiet
  for host in "${receivers[@]}"; do same_set "$small" "$scratch/$host"; done
}

# gallery sends to receivers, each given as a command; image N is FOLDER/N. The receivers need a pause, because the course's
# receiver decodes between two reads and has the kernel's default buffer.
from_gallery() { # MODE PAUSE COMMAND…
  local to receive ready destinations listen interface mode=$1 pause=$2
  shift 2
  [[ $mode != tcp ]] || pause=5ms
  options_of "$mode"
  course_options "$mode"
  lab run --receivers ${#receivers[@]} $ready 25000 --timeout 200 -- bash -c '
    set -e; gallery=$1 folder=$2 mode=$3 interface=$4 pause=$5 pids=(); shift 5
    [[ $mode == tcp ]] || wait="--wait 1s"
    for to; do
      "$gallery" send "$folder" --protocol naive --mode $mode --to $to $interface --pause $pause ${wait:-} --quiet &
      pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
  ' sender "$gallery" "$small" "$mode" "$interface" "$pause" "${destinations[@]}" --- "$@"
  local images
  for host in "${receivers[@]}"; do
    mapfile -t images < <(find "$scratch/$host" -mindepth 1 -maxdepth 1 -name '[!.]*' | sort -V)
    same_sequence "$small" "${images[@]}"
  done
}

# Sets $command to our copy of the course's sender, or to the course's own: a command that takes FOLDER and DESTINATION.
our_sender() { command=(python3 "$peers/sender.py" --interface 10.77.0.1 "$1"); } # MODE
their_sender() { # MODE
  local program=udp/$1 to=--to_ip more=""
  case $1 in
    multicast) to=--mcast_ip more="--outbound_ip 10.77.0.1" ;;
    tcp) program=tcp ;;
  esac
  command=(bash -c 'exec python3 "$1" $2 --img_dir "$4" $3 "$5"' sender "$course/$program/send_gallery.py" "$more" "$to")
}

# Sets $command to our copy of the course's receiver, or to the course's own.
our_receiver() { # MODE
  command=(python3 "$peers/receiver.py" --interface "{address}" --busy 0.01 "$1" "$scratch/{host}" "$listen")
}
their_receiver() { # MODE
  case $1 in
    multicast) command=(udp/multicast --mcast_ip "$group" --mcast_port 25000 --arrival_ip "{address}") ;;
    tcp) command=(tcp --listen_ip "$listen" --listen_port 25000) ;;
    *) command=(udp/unicast --bind_ip "$listen" --bind_port 25000) ;;
  esac
  command=("$repository/Tools/course-receiver" "$course/${command[0]}/show_gallery.py" "$scratch/{host}" "${command[@]:1}")
}

sends() { # WHO MODE
  local command
  "$1_sender" "$2"
  to_gallery "$2" "${command[@]}"
}
receives() { # WHO MODE PAUSE
  local command destinations listen interface
  course_options "$2"
  "$1_receiver" "$2"
  from_gallery "$2" "$3" "${command[@]}"
}

# Our sender sends what the course's sends: the same datagrams or connections, by as many sockets, to the same destinations.
same_wire() { # MODE
  local to receive ready command destinations listen interface who
  options_of "$1"
  course_options "$1"
  mkdir "$scratch/few"
  cp "$small"/0[1-3]*.jpg "$scratch/few"
  our_receiver "$1"
  local receiver=("${command[@]}")
  for who in our their; do
    "${who}_sender" "$1"
    lab run --receivers 1 --capture s="$scratch/$who.pcap" $ready 25000 --timeout 100 -- \
      "${command[@]}" "$scratch/few" "${destinations[0]}" --- "${receiver[@]}"
    # The number that the receiver gets depends on this host's load, because UDP drops when its socket is full.
    rm -r "$scratch/r1"
    python3 "$peers/wire.py" "$scratch/$who.pcap" 25000 >"$scratch/$who.wire"
  done
  expect_equal "$(grep -c '^datagram\|^connection' "$scratch/their.wire")" 3 "images that the course's sender sent"
  diff "$scratch/their.wire" "$scratch/our.wire"
}
# The course's receiver accepts our sender's datagrams, and ends.
receives_ours() { # MODE
  local to receive ready command destinations listen interface
  options_of "$1"
  course_options "$1"
  mkdir "$scratch/few"
  cp "$small"/0[1-2]*.jpg "$scratch/few"
  their_receiver "$1"
  local receiver=("${command[@]}")
  our_sender "$1"
  lab run --receivers 1 $ready 25000 --timeout 100 -- \
    "${command[@]}" "$scratch/few" "${destinations[0]}" --- "${receiver[@]}"
  same_set "$scratch/few" "$scratch/r1"
}
