# shellcheck shell=bash disable=SC2154 # the parts of one program share variables
# The accounting experiment: every mode of both protocols, captured at the sender, compared with the prediction.
# Sourced by Tools/lab.

# The destinations of a mode: all receivers' addresses, the broadcast address, or the group.
account_destinations() { # MODE RECEIVERS
  local index
  case $1 in
    broadcast) echo 10.77.0.255 ;;
    multicast) echo 224.1.1.5 ;;
    *) for ((index = 1; index <= $2; index++)); do host_address "r$index"; done ;;
  esac
}

# account_sender PROTOCOL MODE FOLDER: sets sender_words. The naive protocol sends to one receiver after the other.
account_sender() {
  local protocol=$1 mode=$2 folder=$3 destinations destination
  local words=("$gallery" send "$folder" --mode "$mode" --protocol "$protocol" --quiet)
  mapfile -t destinations < <(account_destinations "$mode" "$receivers")
  [[ $mode != multicast ]] || words+=(--interface eth1)
  if [[ $protocol == naive ]]; then
    # A pause between images, so that no image is lost in a receiver's socket. It does not change the count.
    words+=(--pause 5ms)
    [[ $mode == tcp ]] || words+=(--wait 500ms)
    # shellcheck disable=SC2016 # expanded by the inner shell
    sender_words=(bash -euc 'for to in $1; do "${@:2}" --to "$to"; done' - "${destinations[*]}" "${words[@]}")
    return
  fi
  [[ $mode != broadcast && $mode != multicast ]] || words+=(--receivers "$receivers")
  for destination in "${destinations[@]}"; do words+=(--to "$destination"); done
  sender_words=("${words[@]}")
}

# account_run PROTOCOL MODE FOLDER DIRECTORY: one run in a lab of its own, then the comparison. Fails when they differ.
account_run() {
  local protocol=$1 mode=$2 folder=$3 directory=$4 ready=--ready-udp sender_words
  local name=$protocol-$mode
  local receiver=("$gallery" receive --mode "$mode" --protocol "$protocol" --quiet --into "$directory/$name/{host}")
  [[ $mode != multicast ]] || receiver+=(--group 224.1.1.5 --interface eth1)
  [[ $mode != tcp ]] || ready=--ready-tcp
  mkdir -p "$directory/$name"
  account_sender "$protocol" "$mode" "$folder"
  "$here/lab" run --receivers "$receivers" --mtu "$mtu" --timeout "$timeout" --capture "s=$directory/$name.pcap" \
    --logs "$directory/$name" $ready 25000 -- "${sender_words[@]}" --- "${receiver[@]}" \
    >"$directory/$name/exits" 2>&1 || { say "$name: the run itself failed"; sed 's/^/  /' "$directory/$name/exits" >&2; return 1; }
  "$gallery" account "$folder" --receivers "$receivers" --mtu "$mtu" --capture "$directory/$name.pcap" \
    >"$directory/$name.txt" 2>&1
}

command_account() {
  parse_options "$@"
  need_words 1 2 "account FOLDER [DIRECTORY] [--receivers 3] [--mtu 1500]"
  local folder directory protocol mode run_count=0 failed=0
  folder=$(realpath "${words[0]}")
  gallery=${GALLERY:-$here/../.build/release/gallery}
  [[ -x $gallery ]] || fail 3 "no $gallery: build it by swift build -c release"
  gallery=$(realpath "$gallery")
  directory=${words[1]:-$(mktemp -d /tmp/gallery-account.XXXXXX)}
  mkdir -p "$directory"
  directory=$(realpath "$directory")
  [[ -z $(ls -A "$directory") ]] || fail 2 "$directory is not empty: name another directory"
  "$gallery" account "$folder" --receivers "$receivers" --mtu "$mtu"
  for protocol in naive chunked; do
    for mode in unicast broadcast multicast tcp; do
      printf '\n== %s %s ==\n' "$protocol" "$mode"
      "$gallery" account "$folder" --protocol "$protocol" --mode "$mode" | grep '^not possible' && continue
      run_count=$((run_count + 1))
      account_run "$protocol" "$mode" "$folder" "$directory" || failed=$((failed + 1))
      [[ ! -s $directory/$protocol-$mode.txt ]] || cat "$directory/$protocol-$mode.txt"
    done
  done
  printf '\n%s runs agree, %s do not; captures and tables are in %s\n' $((run_count - failed)) "$failed" "$directory"
  ((failed == 0))
}
