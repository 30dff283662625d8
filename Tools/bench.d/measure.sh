# shellcheck shell=bash disable=SC2034,SC2154 # the parts of one program share variables
# The tools, and all runs of each. Sourced by Tools/bench.

all_tools=raw,raw-file,raw-chunk,gallery,keyed,bbr,cubic,tcp-file,uftp,udpcast,ngtcp2,srt,norm
group=239.77.0.1
interface=eth1

# Prints nothing when the tool can run here; otherwise the reason, for the line of the tools that are left out.
missing_for() { # TOOL
  case $1 in
    raw | raw-file | gallery | keyed) ;;
    raw-chunk)
      [[ -e /usr/include/isa-l/crc.h ]] || { echo "apt-get install libisal-dev"; return; }
      compile chunk chunk.c -lisal ;;
    tcp-file) only_unicast ;;
    bbr | cubic) has_control "$1" || echo "this kernel has no $1"; only_unicast ;;
    uftp) only_in_lab; needs uftp uftp uftpd ;;
    udpcast) only_in_lab; needs udpcast udp-sender udp-receiver ;;
    ngtcp2) only_unicast; needs "ngtcp2-client ngtcp2-server openssl" gtlsclient gtlsserver openssl ;;
    srt) only_unicast; needs srt-tools srt-file-transmit ;;
    norm)
      only_in_lab
      [[ -e /usr/include/normApi.h ]] || echo "apt-get install libnorm-dev"
      needs g++ g++
      compile_norm ;;
    *) usage_error "--tools '$1': of $all_tools" ;;
  esac
}
only_unicast() { [[ $mode == unicast ]] || echo "to one receiver only"; }
only_in_lab() { [[ $loopback == no ]] || echo "needs an interface of its own"; }
compile_norm() {
  [[ ! -e /usr/include/normApi.h ]] || g++ -O2 -o "$work/norm" "$here/bench.d/norm.cpp" -lnorm || echo "norm.cpp does not compile"
}
needs() { # PACKAGE PROGRAM…
  local package=$1 one
  shift
  for one in "$@"; do
    command -v "$one" >/dev/null || { echo "apt-get install $package"; return; }
  done
}

# With loss, raw and raw-chunk show what arrives without repair: the cost of the loss rule by itself. raw-file is only a
# ceiling. Over loopback only gallery, with a key or without, can lose datagrams (--drop).
has_row() { # TOOL LOSS
  [[ $2 == 0 ]] && return 0
  case $1 in
    raw-file) return 1 ;;
    *) [[ $loopback == no || $1 == gallery || $1 == keyed ]] ;;
  esac
}

# One run of one tool as a line of samples.csv; its rates are 0 when it did not end well.
measure_one() { # TOOL LOSS ROUND
  local tool=$1 loss=$2 before code=0
  if declare -F "prepare_${tool//-/_}" >/dev/null; then "prepare_${tool//-/_}" "$loss"; fi # its trials do not count
  rm -rf "$work/inbox" "$work"/used/* "$work"/received-* && mkdir "$work/inbox"
  wall_seconds='' own_seconds='' moved_bytes=$((megabytes * 1000000))
  before=$(wire_bytes)
  "run_${tool//-/_}" "$loss" || code=1
  if ((code != 0)); then
    [[ $tool != gallery && $tool != keyed ]] || { cat "$work"/errors-* >&2; fail 1 "$tool failed at $loss % loss"; }
    wall_seconds='' own_seconds='' moved_bytes=0
  fi
  awk -v tool="$tool" -v loss="$loss" -v run="$3" -v own="$own_seconds" -v wall="$wall_seconds" -v moved="$moved_bytes" \
    -v wire="$(($(wire_bytes) - before))" -v size="$((megabytes * 1000000))" -v used="$(used_seconds)" \
    -v sender="$(peak_kibibytes s)" -v receiver="$(peak_kibibytes "${receiver_hosts[@]}")" '
    function rate(seconds) {return seconds > 0 ? moved * 8 / seconds / 1e9 : 0}
    BEGIN {
      printf "%s,%s,%s,%s,%.4f,%.4f,%.4f,%.3f,%d,%d\n", tool, loss, run, own == "" ? "wall" : "own",
        rate(own == "" ? wall : own), rate(wall), wire / size, (moved > 0 ? used * 1e9 / moved : 0), sender, receiver
    }' >>"$out/samples.csv"
  say "$tool at $loss %, run $3: $(tail -n 1 "$out/samples.csv" | awk -F, '{printf "%s Gb/s, start to finish %s, %s CPU s/GB", $5, $6, $8}')"
}

# The tools take turns within each round, so that changes of the machine's speed affect all of them.
measure_all() {
  local loss round tool reason present=() absent=()
  for tool in ${tools//,/ }; do
    reason=$(missing_for "$tool") || exit
    if [[ -z $reason ]]; then present+=("$tool"); else absent+=("$tool (${reason%%$'\n'*})"); fi
  done
  left_out=$(printf '%s, ' "${absent[@]}") left_out=${left_out%, }
  echo "tool,lossPercent,run,clock,gigabitsPerSecond,wallGigabitsPerSecond,wireRatio,cpuSecondsPerGigabyte,senderPeakKibibytes,receiverPeakKibibytes" \
    >"$out/samples.csv"
  for loss in ${losses//,/ }; do
    [[ $loopback == yes ]] || set_loss "$loss"
    for ((round = 1; round <= runs; round++)); do
      for tool in "${present[@]}"; do
        if has_row "$tool" "$loss"; then measure_one "$tool" "$loss" "$round"; fi
      done
    done
  done
}

set_loss() {
  local host
  for host in "${receiver_hosts[@]}"; do "$here/lab" loss "$host" "$1"; done
}
