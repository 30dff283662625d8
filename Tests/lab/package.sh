#!/usr/bin/env bash
# What Tools/package packs: the Debian packages and the archive, unpacked and used.
#
# GALLERY_FULL=1: they are installed with apt in a new Debian 12, the archive runs in a Debian 11, and lintian reads them.
# That needs the network, debootstrap and lintian.
source "$(dirname "$0")/testing.bash"
require_root

packed() { "$repository/Tools/package" --into "$scratch/packed" "$@"; }
# unpacked PACKAGE: a Debian package's files, in $scratch/PACKAGE; `control` among them.
unpacked() {
  dpkg-deb --extract "$scratch"/packed/"$1"_*.deb "$scratch/$1"
  dpkg-deb --field "$scratch"/packed/"$1"_*.deb >"$scratch/$1/control"
}

# The words that bash offers for the last word of a line.
completed() { # FOLDER LINE
  bash -c 'source "$1"; read -ra COMP_WORDS <<<"$2"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$2
    COMP_POINT=${#2}; _gallery gallery "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"; printf "%s\n" "${COMPREPLY[@]}"' \
    - "$1/usr/share/bash-completion/completions/gallery" "$2"
}

# A page for each command, and the page says what --help says.
check_pages() { # FOLDER
  local command page
  for command in $("$gallery" --help | sed -n '/^SUBCOMMANDS/,$s/^  \([a-z]\+\) .*/\1/p'); do
    page=$1/usr/share/man/man1/gallery-$command.1.gz
    gzip -cd "$page" | grep -q "^\.SH OPTIONS" || { echo "no options in $page"; exit 1; }
  done
  gzip -cd "$1/usr/share/man/man1/gallery-send.1.gz" >"$scratch/send.1"
  grep -qF '\fB\-\-receivers\fR \fI<' "$scratch/send.1"
  expect_equal "$(grep -E "^[.']" "$scratch/send.1" | grep -vcE '^\.(TH|SH|PP|nf|fi|RS|RE|TP|BR)\b')" 0 \
    "lines of text that roff takes for requests"
}

case_packages() {
  packed --quick
  (cd "$scratch/packed" && sha256sum --quiet --check SHA256SUMS)
  local package depends
  for package in gallery gallery-headless; do
    unpacked "$package"
    check_pages "$scratch/$package"
    [[ -s $scratch/$package/lib/systemd/system/gallery-receive@.service ]]
    expect_contains "$(completed "$scratch/$package" "gallery rec")" receive "what bash completes"
    expect_contains "$(completed "$scratch/$package" "gallery send --rec")" --receivers "what bash completes"
  done
  expect_contains "$(<"$scratch/gallery/control")" libsdl2 "what the package with the viewer depends on"
  depends=$(grep -E '^(Depends|Recommends)' "$scratch/gallery-headless/control")
  [[ $depends == *libc6* && $depends != *sdl* && $depends != *x11* ]] || { echo "headless: $depends"; exit 1; }
  [[ ! -e $scratch/gallery-headless/usr/share/applications ]]

  # The program of the package sends to the program of the archive, which runs with the libraries beside it.
  tar -C "$scratch" -xf "$scratch"/packed/gallery-*-linux-*.tar
  mv "$scratch"/gallery-*-linux-* "$scratch/archive"
  for package in gallery libc6 libgcc-s1 libgcrypt20 libisal2; do
    [[ -s $scratch/archive/licenses/$package ]] || { echo "no licence of $package in the archive"; exit 1; }
  done
  local -x GALLERY_CODE='bado kilu mefa nopi rusa tegi'
  lab run --receivers 1 --ready-udp 25000 -- \
    "$scratch/gallery/usr/bin/gallery" send "$repository/images/small" --to 10.77.0.11 --code \
    --- "$scratch/archive/gallery" receive --into "$scratch/inbox" --code
  diff -r "$repository/images/small" "$scratch/inbox"
}

# Tools/release in a clone: it names everything that is missing at once, and nothing when all is there.
case_release() {
  local clone=$scratch/clone version
  version=$("$gallery" --version | sed -nE 's/^gallery ([0-9.]+).*/\1/p')
  git clone --quiet "$repository" "$clone"
  cd "$clone"
  mkdir -p .build/release
  ln -s "$gallery" .build/release/gallery
  expect_exit 2 Tools/release
  echo "## Unreleased"$'\n\n'"- A change." >CHANGELOG.md
  expect_exit 1 Tools/release 77.7 --check
  for text in "not committed" "calls itself '$version'" "no line '## 77.7 - " "under 'Unreleased'"; do
    expect_contains "$output" "$text" "what is missing"
  done
  echo "## $version - 2026-11-27"$'\n\n'"- A change." >CHANGELOG.md
  git -c user.name=test -c user.email=test@localhost commit --quiet --all --message "for the test"
  expect_exit 0 Tools/release "$version" --check
  git tag "v$version"
  expect_exit 1 Tools/release "$version" --check
  expect_contains "$output" "the tag v$version exists already" "what is wrong"
}

case_same_again() {
  packed --quick
  mv "$scratch/packed/SHA256SUMS" "$scratch/first"
  packed --quick
  expect_equal "$(<"$scratch/packed/SHA256SUMS")" "$(<"$scratch/first")" "digests of the second packing"
}

# debian RELEASE: a new root of that release in $scratch/RELEASE.
debian() {
  debootstrap --variant=minbase "$1" "$scratch/$1" http://deb.debian.org/debian >"$scratch/$1.log" 2>&1 ||
    { tail -n 5 "$scratch/$1.log"; exit 1; }
  mount -t proc proc "$scratch/$1/proc"
}
end_roots() { umount "$scratch"/*/proc 2>/dev/null || true; end_case; }
in_root() { chroot "$scratch/$1" env DEBIAN_FRONTEND=noninteractive "${@:2}"; }

case_installed() {
  trap end_roots EXIT
  packed
  lintian --fail-on error,warning "$scratch"/packed/*.deb
  debian bookworm
  debian bullseye
  cp "$scratch"/packed/*.deb "$scratch/bookworm/root/"
  in_root bookworm apt-get -q update
  in_root bookworm bash -c 'apt-get -q install -y --no-install-recommends /root/gallery-headless_*.deb'
  expect_equal "$(in_root bookworm dpkg -l | grep -ciE ' lib(sdl|x11|wayland)')" 0 "window libraries of the headless one"
  in_root bookworm bash -c 'apt-get -q install -y --no-install-recommends man-db /root/gallery_*.deb'
  expect_contains "$(in_root bookworm man gallery-send)" "--receivers" "the man page"
  cp -r "$repository/images/small" "$scratch/bookworm/root/photos"
  in_root bookworm gallery view /root/photos --screenshot /root/grid.png --as grid
  tar -C "$scratch/bullseye/root" -xJf "$scratch"/packed/gallery-*-linux-*.tar.xz
  lab run --receivers 1 --ready-udp 25000 -- chroot "$scratch/bookworm" gallery send /root/photos --to 10.77.0.11 \
    --- chroot "$scratch/bullseye" bash -c '/root/gallery-*/gallery receive --into /root/inbox'
  diff -r "$repository/images/small" "$scratch/bullseye/root/inbox"
  in_root bookworm dpkg -r gallery
  # man keeps the page that it has shown, and nothing else is in a cache.
  expect_equal "$(in_root bookworm find / -xdev '(' -path /root -o -path /proc -o -path /var/cache/man ')' -prune \
    -o -name '*gallery*' -print)" "" "files that the package leaves"
}

test_case "packages and archive: pages, completions, digests; the program of one sends to that of the other" case_packages
test_case "a release: what is missing is named" case_release
if [[ -n ${GALLERY_FULL:-} ]]; then
  case_seconds=1800
  test_case "the same commit gives the same packages" case_same_again
  test_case "installed in Debian 12, removed, and the archive in Debian 11" case_installed
fi
finish
