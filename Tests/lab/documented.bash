# shellcheck shell=bash
# Shared by documented.sh and documented-sweeps.sh: see documented.py.
# shellcheck source=Tests/lab/testing.bash
case_seconds=${case_seconds:-400} # some fifty commands, one after the other
source "$(dirname "${BASH_SOURCE[0]}")/testing.bash"

# A lab whose hosts also have the addresses of the documents, and a display for the windows.
documented_lab() {
  require_root
  start_lab --receivers 3
  local host number
  for host in s:33 r1:34 r2:35 r3:36; do
    number=${host#*:}
    lab exec "${host%:*}" ip address add "10.1.1.$number/24" broadcast 10.1.1.255 dev eth1
    lab exec "${host%:*}" ip address add "192.168.56.$((number - 22))/24" broadcast 192.168.56.255 dev eth1
  done
  { cat /etc/hosts; echo "10.1.1.34 host.example"; } >"$scratch/hosts"
  cd "$scratch"
  Xvfb -noreset -displayfd 3 -screen 0 1280x1024x24 -nolisten tcp 3>"$scratch/display" 2>/dev/null &
  xvfb=$!
  trap 'kill "$xvfb" 2>/dev/null || true; end_case' EXIT
  wait_for_file "$scratch/display"
  DISPLAY=:$(<"$scratch/display")
  export DISPLAY
}

documented() { # PART
  documented_lab
  python3 "$repository/Tests/lab/documented.py" run "$GALLERY_LAB_ID" "$1" \
    "$repository/README.md" "$repository/Specs/guide.md" "$repository/Specs/validation.md" \
    "$repository"/Specs/sheets/*.md help
}
