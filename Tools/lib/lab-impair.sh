# shellcheck shell=bash
# Loss and bottlenecks between a host and the bridge. Sourced by Tools/lab.
#
# Loss happens at the bridge's port, never in the host. So the host's captures and counters show what it really sent and
# got, and no socket call fails because a packet was lost. The netdev hooks come before IP, so each fragment of
# a datagram is one packet with its own draw. Each port draws separately, so receivers lose independently.

# Percent (0 … 100, "%" optional, up to four decimals) as parts per million.
parts_per_million() {
  local percent=${1%\%}
  [[ $percent =~ ^[0-9]{1,3}(\.[0-9]{1,4})?$ ]] || usage_error "loss '$1': a percentage from 0 to 100, such as 5 or 0.5%"
  local whole=${percent%%.*} fraction=0000
  [[ $percent != *.* ]] || fraction=${percent#*.}0000
  local parts=$((10#$whole * 10000 + 10#${fraction:0:4}))
  ((parts <= 1000000)) || usage_error "loss '$1': more than 100 %"
  echo "$parts"
}

# set_loss HOST PERCENT in|out|both. "in": towards the host (the port's egress); "out": from it (its ingress).
set_loss() {
  local host=$1 parts direction
  parts=$(parts_per_million "$2")
  case $3 in
    in | out) set -- "$3" ;;
    both) set -- in out ;;
    *) usage_error "--direction '$3': in, out or both" ;;
  esac
  if ((parts > 0)) && [[ $(<"$(state)/offloads") == on ]]; then
    say "note: with offloads on, one loss can take a whole segmentation batch (up to 64 kB), not one packet"
  fi
  for direction in "$@"; do loss_rules "$host" "$parts" "$direction" | inside b nft -f -; done
}

# The table is replaced in one transaction: no packet passes between the old rule and the new.
loss_rules() {
  local host=$1 parts=$2 table="$3_$1" hook=egress
  [[ $3 == in ]] || hook=ingress
  printf 'table netdev %s\ndelete table netdev %s\n' "$table" "$table"
  ((parts > 0)) || return 0
  local draw="numgen random mod 1000000 < $parts"
  ((parts < 1000000)) || draw=
  cat <<RULES
table netdev $table {
  counter passed { }
  counter lost { }
  chain loss {
    type filter hook $hook device "$host" priority 0; policy accept;
    meta protocol != { ip, ip6 } accept
    $draw counter name lost drop
    counter name passed
  }
}
RULES
}

# Packets lost to a host (in) or from it (out) since its loss was last set; 0 when none is.
lost_packet_count() { # HOST in|out
  local count
  count=$(inside b nft list counter netdev "$2_$1" lost 2>/dev/null | sed -nE 's/.*packets ([0-9]+).*/\1/p') || true
  echo "${count:-0}"
}

# A rate as tc writes it, in bits per second: 100mbit, 1.5gbit, 640kbit, 8000bit, 8000.
bits_per_second() {
  [[ $1 =~ ^([0-9]{1,9})(\.([0-9]{1,3}))?(k|m|g|)(bit)?$ ]] || usage_error "rate '$1': such as 100mbit, 1.5gbit, 640kbit"
  local thousandths="${BASH_REMATCH[3]}000" unit=1
  case ${BASH_REMATCH[4]} in k) unit=1000 ;; m) unit=1000000 ;; g) unit=1000000000 ;; esac
  echo $(((10#${BASH_REMATCH[1]} * 1000 + 10#${thousandths:0:3}) * unit / 1000))
}

# set_shape HOST RATE|off BUFFER-MILLISECONDS in|out: a token bucket and a drop-tail queue of this many milliseconds,
# on the bridge's port ("in", the bottleneck to a receiver) or on the host's own eth1 ("out").
set_shape() {
  local host=$1 side=b device=$1 milliseconds=${3%ms}
  case $4 in
    in) ;;
    out) side=$1 device=eth1 ;;
    *) usage_error "--direction '$4': in or out" ;;
  esac
  is_number "$milliseconds" 1 10000 || usage_error "--buffer '$3': 1ms to 10000ms"
  inside "$side" tc qdisc del dev "$device" root 2>/dev/null || true
  [[ $2 != off && $2 != 0 ]] || return 0
  local rate burst mtu
  rate=$(bits_per_second "$2")
  mtu=$(<"$(state)/mtu")
  ((rate >= 8000)) || usage_error "rate '$2': at least 8kbit"
  # A bucket of 1 ms, at least two frames: small enough to smooth, large enough for the timer's grain.
  burst=$((rate / 8000))
  ((burst >= 2 * (mtu + 18))) || burst=$((2 * (mtu + 18)))
  inside "$side" tc qdisc add dev "$device" root tbf rate "${rate}bit" burst "$burst" limit \
    $((burst + rate * milliseconds / 8000))
}

# Packets a bottleneck dropped because its queue was full, both sides of the host together.
shaper_dropped_packet_count() {
  { inside b tc -s qdisc show dev "$1"; inside "$1" tc -s qdisc show dev eth1; } |
    awk '/^qdisc/ {tbf = ($2 == "tbf")} tbf && match($0, /dropped [0-9]+/) {n += substr($0, RSTART + 8, RLENGTH - 8)} END {print n + 0}'
}
