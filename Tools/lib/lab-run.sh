# shellcheck shell=bash disable=SC2154 # the parts of one program share variables
# One experiment from beginning to end: `lab run`. Sourced by Tools/lab.

# expand HOST INDEX WORD…: the words with {host} {index} {address} {address6} {sender} {id} filled in, into `expanded`.
expand() {
  local host=$1 index=$2 word
  shift 2
  expanded=()
  for word in "$@"; do
    word=${word//'{host}'/$host}
    word=${word//'{index}'/$index}
    word=${word//'{address}'/$(host_address "$host")}
    word=${word//'{address6}'/$(host_address6 "$host")}
    word=${word//'{sender}'/$(host_address s)}
    expanded+=("${word//'{id}'/$lab_id}")
  done
}

# Starts a command in a host, with a time limit; its pid is $!. The caller chooses where its output goes.
start_in_host() {
  local host=$1 index=$2 seconds=$3
  shift 3
  expand "$host" "$index" "$@"
  ip netns exec "$(namespace "$host")" timeout --kill-after=3 "$seconds" "${expanded[@]}" </dev/null &
}

port_is_bound() { # HOST udp|tcp PORT
  local flag=-uln
  [[ $2 == udp ]] || flag=-tln
  [[ -n $(inside "$1" ss -H "$flag" "sport = :$3") ]]
}

receiver_is_ready_or_gone() { port_is_bound "$1" "$2" "$3" || process_is_gone "$4"; }

# wait_until_ready HOST PID: the receiver has bound its port. A receiver that ended first is a failed start.
wait_until_ready() {
  [[ -n $ready_port ]] || return 0
  poll_until "$ready_timeout" receiver_is_ready_or_gone "$1" "$ready_kind" "$ready_port" "$2" ||
    { show_output "$1"; fail 3 "$1 did not bind $ready_kind port $ready_port within $ready_timeout s"; }
  port_is_bound "$1" "$ready_kind" "$ready_port" ||
    { show_output "$1"; fail 3 "the receiver on $1 ended before it bound $ready_kind port $ready_port"; }
}

show_output() { sed "s/^/$1| /" "$logs/$1.out" >&2; }

describe_exit() { # HOST CODE
  case $2 in
    124 | 137) echo "$1 exit $2 (ended after $timeout s)" ;;
    *) echo "$1 exit $2" ;;
  esac
}

# The body of `lab run`, with the lab up and the options set by Tools/lab.
run_experiment() {
  local index host pids=() worst=0 code
  for ((index = 1; index <= receivers; index++)); do
    host=r$index
    start_in_host "$host" "$index" "$timeout" "${receiver_command[@]}" >"$logs/$host.out" 2>&1
    pids+=("$!")
  done
  for ((index = 1; index <= receivers; index++)); do wait_until_ready "r$index" "${pids[index - 1]}"; done

  start_in_host s 0 "$timeout" "${sender_command[@]}"
  code=0
  wait "$!" || code=$?
  describe_exit s "$code"
  ((code == 0)) || worst=1
  for ((index = 1; index <= receivers; index++)); do
    code=0
    wait "${pids[index - 1]}" || code=$?
    [[ $show_receivers == no ]] || show_output "r$index"
    describe_exit "r$index" "$code"
    ((code == 0)) || worst=1
  done
  capture_stop_all
  [[ -z $counters_file ]] || for host in $(lab_hosts "$receivers"); do counters_json "$host"; done >"$counters_file"
  return "$worst"
}
