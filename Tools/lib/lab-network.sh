# shellcheck shell=bash disable=SC2034 # the parts of one program share variables
# The hosts of a lab: network namespaces on a bridge, brought up and taken down. Sourced by Tools/lab.
#
# Namespaces: gl-ID-s (sender), gl-ID-r1 … gl-ID-rN (receivers), gl-ID-b (the bridge; its ports are named after the hosts).
# State: $state_root/ID/{owner,receivers,mtu,offloads,claimed-by-PID}, and captures' pids; made first, removed last, so
# that a namespace without a state directory is a leftover.

state_root=/run/gallery-lab
maximum_receiver_count=200 # addresses 10.77.0.11 … 10.77.0.210

namespace() { printf 'gl-%s-%s' "$lab_id" "$1"; }
state() { printf '%s/%s' "$state_root" "$lab_id"; }
inside() { ip netns exec "$(namespace "$1")" "${@:2}"; }

# 10.77.0.1 for s, 10.77.0.(10 + n) for rn; the IPv6 address has the same last number.
host_number() {
  case $1 in
    s) echo 1 ;;
    *) echo $((10 + ${1#r})) ;;
  esac
}
host_address() { echo "10.77.0.$(host_number "$1")"; }
host_address6() { echo "fd77::$(host_number "$1")"; }
host_mac() { printf '02:77:00:00:00:%02x' "$(host_number "$1")"; }

lab_hosts() {
  local index
  echo s
  for ((index = 1; index <= $1; index++)); do echo "r$index"; done
}

check_lab_id() { [[ $1 =~ ^[a-z0-9]{1,12}$ ]] || usage_error "--id '$1': 1 to 12 of a-z and 0-9"; }

# An id that no other process uses now: the pid, unless a leftover bears it.
fresh_lab_id() {
  local id=$$ suffix
  for suffix in '' a b c d e f; do
    [[ -e $state_root/$id$suffix ]] || break
  done
  echo "$id$suffix"
}

# Sets lab_id for a command on a lab that is up: --id, $GALLERY_LAB_ID, or the only lab.
resolve_lab_id() {
  lab_id=${lab_id:-${GALLERY_LAB_ID:-}}
  if [[ -z $lab_id ]]; then
    local ids
    mapfile -t ids < <(list_lab_ids)
    ((${#ids[@]} > 0)) || fail 2 "no lab is up (start one: lab up)"
    ((${#ids[@]} == 1)) || fail 2 "several labs are up (${ids[*]}): name one with --id"
    lab_id=${ids[0]}
  fi
  check_lab_id "$lab_id"
}

list_lab_ids() {
  { ls "$state_root" 2>/dev/null; ip netns list | sed -nE 's/^gl-([a-z0-9]+)-[a-z0-9]+.*/\1/p'; } | sort -u
}

check_host() {
  [[ -e /run/netns/$(namespace "$1") && $1 != b ]] && return
  [[ -d $(state) ]] || fail 2 "lab '$lab_id' is not up (lab list shows those that are)"
  fail 2 "no host '$1' in lab '$lab_id': s, or r1 to r$(<"$(state)/receivers")"
}

# Pid and start time of a process: a pid alone may be used again.
process_identity() {
  local fields
  [[ -r /proc/$1/stat ]] || return 1
  fields=$(<"/proc/$1/stat")
  fields=${fields##*) } # the name may hold spaces
  set -- "$1" $fields
  echo "$1 ${21}" # field 22, starttime: $1 is the pid, $2 is field 3
}

# network_claim OWNER: makes the lab's id ours, or fails. The state directory appears complete, by a rename. When two
# processes try at once, one gets it, and at any moment its owner is known.
network_claim() {
  local staged=$state_root/.claim-$$
  mkdir "$staged"
  echo "$1" >"$staged/owner"
  : >"$staged/claimed-by-$$"
  mv -T "$staged" "$state_root/$lab_id" 2>/dev/null || fail 2 "lab '$lab_id' is already up (lab down --id $lab_id)"
}

# network_up RECEIVERS MTU OFFLOADS
network_up() {
  local receivers=$1 mtu=$2 offloads=$3 host
  echo "$receivers" >"$(state)/receivers"
  echo "$mtu" >"$(state)/mtu"
  echo "$offloads" >"$(state)/offloads"
  bridge_up "$mtu"
  for host in $(lab_hosts "$receivers"); do host_up "$host" "$mtu" "$offloads"; done
  neighbours_up "$receivers"
}

bridge_up() {
  ip netns add "$(namespace b)"
  inside b bash -euc '
    echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 # no packets of its own in captures and counts
    ip link set lo up
    ip link add br0 type bridge mcast_snooping 0 stp_state 0 forward_delay 0
    ip link set br0 mtu "$1" up' - "$1"
}

# Keeps the kernel's own MLD reports off the wire. The bridge does no snooping, and they would change the counts at random times.
readonly quiet_rules='
table netdev quiet {
  chain mld {
    type filter hook egress device "eth1" priority -1; policy accept;
    icmpv6 type { mld-listener-report, mld2-listener-report, mld-listener-reduction } drop
  }
}'

# One host: eth1 on a veth pair whose other end is the bridge's port, named after the host.
host_up() {
  local host=$1 mtu=$2 offloads=$3 features='tso off gso off gro off tx-udp-segmentation off'
  [[ $offloads == off ]] || features='tso on gso on gro on tx-udp-segmentation on'
  ip netns add "$(namespace "$host")"
  # No router solicitations, no duplicate address detection: the wire carries what the programs under test send.
  inside "$host" bash -euc '
    cd /proc/sys/net/ipv6/conf/default && echo 0 >router_solicitations && echo 0 >accept_ra && echo 0 >accept_dad'
  ip link add eth1 netns "$(namespace "$host")" address "$(host_mac "$host")" type veth \
    peer name "$host" netns "$(namespace b)"
  inside b bash -euc '
    ip link set "$1" mtu "$2" master br0 up
    ethtool -K "$1" $3' - "$host" "$mtu" "$features"
  inside "$host" bash -euc '
    ip link set lo up
    nft -f /dev/fd/3 3<<<"$5"
    ip link set eth1 mtu "$1" up
    ethtool -K eth1 $2
    ip addr add "$3/24" brd + dev eth1
    ip addr add "$4/64" dev eth1 nodad
    ip route add 224.0.0.0/4 dev eth1' - "$mtu" "$features" "$(host_address "$host")" "$(host_address6 "$host")" \
    "$quiet_rules"
}

# Fixed neighbour entries between sender and receivers: no ARP in the counts, and loss never hits address resolution.
neighbours_up() {
  local host
  for host in $(lab_hosts "$1"); do
    [[ $host != s ]] || continue
    neighbour_commands "$host" >>"$(state)/neighbours"
    neighbour_commands s | ip -n "$(namespace "$host")" -batch -
  done
  ip -n "$(namespace s)" -batch "$(state)/neighbours"
}

neighbour_commands() {
  local address
  for address in "$(host_address "$1")" "$(host_address6 "$1")"; do
    echo "neigh replace $address lladdr $(host_mac "$1") dev eth1 nud permanent"
  done
}

# Ends what runs in the lab's namespaces (that is: only this lab's processes), then removes every trace of it.
network_down() {
  namespaces_down
  rm -rf "${state_root:?}/${lab_id:?}"
}

namespaces_down() {
  local name names
  mapfile -t names < <(ip netns list | sed -nE "s/^(gl-$lab_id-[a-z0-9]+).*/\1/p")
  signal_namespaces TERM "${names[@]}"
  poll_until 3 namespaces_are_idle "${names[@]}" || signal_namespaces KILL "${names[@]}"
  for name in "${names[@]}"; do ip netns del "$name" || true; done
}

namespace_pids() {
  local name
  for name in "$@"; do ip netns pids "$name" 2>/dev/null || true; done
}
namespaces_are_idle() { [[ -z $(namespace_pids "$@") ]]; }
signal_namespaces() {
  local signal=$1 pid
  shift
  for pid in $(namespace_pids "$@"); do
    [[ $pid == "$$" ]] || kill -s "$signal" "$pid" 2>/dev/null || true
  done
}

# A lab is a leftover when the process that owned it has gone, or when it has namespaces but no state.
lab_is_leftover() {
  local owner
  [[ -r $state_root/$1/owner ]] || { [[ ! -d $state_root/$1 ]]; return; }
  read -r owner <"$state_root/$1/owner" || return 1
  [[ $owner != - ]] || return 1
  [[ "$(process_identity "${owner%% *}" || true)" != "$owner" ]]
}
