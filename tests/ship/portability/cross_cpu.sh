#!/usr/bin/env bash
# A database written on one CPU opens on each other one: the same answers, the same stored bytes.
#
#   cross_cpu.sh CPU:BUILD_FOLDER...        e.g. x86_64:build/newest aarch64:build/aarch64 s390x:build/s390x
#
# A CPU that this machine does not run is emulated by qemu-user. With one CPU: two writings of it are compared.
# Prints one PASS or FAIL line for each claim, then "cross-cpu: N comparisons"; exits nonzero if any failed.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/ship/portability/cpus.sh
. "$here/cpus.sh"
[ $# -gt 0 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT

declare -A build
cpus=()
for argument in "$@"; do
  cpu=${argument%%:*}
  cpus+=("$cpu")
  build[$cpu]=$(readlink -f "${argument#*:}") || exit 2
done

# Wine prints what it does when it first starts, and leaves a server behind.
if [ -n "${build[windows]:-}" ]; then
  export WINEPREFIX=$folder/wine WINEDEBUG=-all
  trap '/usr/lib/wine/wineserver -k; rm -rf "$folder"' EXIT
  "$(emulator_of windows)" cmd /c exit > "$folder/wine.log" 2>&1 || { cat "$folder/wine.log"; exit 2; }
fi

on() {  # on CPU VERB FILE
  local cpu=$1 emulator
  local library=topk.so program=topk_cross_cpu
  [ "$cpu" != windows ] || { library=topk.dll; program+=.exe; }
  read -r -a emulator <<< "$(emulator_of "$cpu")"
  TOPK_LIBRARY="${build[$cpu]}/$library" "${emulator[@]}" \
    "${build[$cpu]}/tests/ship/portability/$program" "$2" "$3"
}

comparisons=0
failures=0
pass() { echo "PASS  $1"; }
fail() { echo "FAIL  $1"; failures=$((failures + 1)); }
same() {  # same CLAIM EXPECTED_FILE FILE
  comparisons=$((comparisons + 1))
  if [ ! -s "$2" ]; then
    fail "$1: nothing to compare with"
  elif cmp -s "$2" "$3"; then
    pass "$1"
  else
    fail "$1"
    diff -a "$2" "$3" | cut -c 1-300 | head -6
  fi
}
# shows CPU FILE OUT: of a copy, so that each reader meets what the writer left.
shows() {
  cp "$2" "$folder/copy.db" || return
  on "$1" show "$folder/copy.db" > "$3" 2>&1 || fail "$1 cannot show $(basename "$2")"
  rm -f "$folder"/copy.db*
}
# Without the values that depend on a seed which each writer draws for itself.
undrawn() { sed '/^-- drawn$/,$d' "$1"; }

writers=("${cpus[@]}")
[ ${#cpus[@]} -gt 1 ] || writers+=("${cpus[0]}")
first=${cpus[0]}
at=0
for writer in "${writers[@]}"; do
  written=$folder/$at.db
  on "$writer" write "$written" || fail "$writer cannot write"
  rm -f "$folder/expected_whole"
  for reader in "${cpus[@]}"; do
    shows "$reader" "$written" "$folder/whole"
    [ -e "$folder/expected_whole" ] || cp "$folder/whole" "$folder/expected_whole"
    same "written on $writer, shown on $reader as on $first" "$folder/expected_whole" "$folder/whole"
    undrawn "$folder/whole" > "$folder/seen"
    [ -e "$folder/expected" ] || cp "$folder/seen" "$folder/expected"
    same "written on $writer, shown on $reader as if written and shown on $first" \
      "$folder/expected" "$folder/seen"
  done
  for reader in "${cpus[@]}"; do
    cp "$written" "$folder/continued.db"
    on "$reader" continue "$folder/continued.db" || fail "$reader cannot continue"
    shows "$first" "$folder/continued.db" "$folder/whole"
    undrawn "$folder/whole" > "$folder/seen"
    [ -e "$folder/expected_later" ] || cp "$folder/seen" "$folder/expected_later"
    same "written on $writer, continued on $reader, shown on $first" \
      "$folder/expected_later" "$folder/seen"
    rm -f "$folder"/continued.db*
  done
  at=$((at + 1))
done
for golden in "$here"/../../unit/golden/*.db; do
  rm -f "$folder/expected_golden"
  for reader in "${cpus[@]}"; do
    shows "$reader" "$golden" "$folder/seen"
    [ -e "$folder/expected_golden" ] || cp "$folder/seen" "$folder/expected_golden"
    same "$(basename "$golden"), shown on $reader" "$folder/expected_golden" "$folder/seen"
  done
done

# What was compared was sound, and the streams said something.
for seen in expected expected_later expected_golden; do
  if grep -a -q -i -E 'malformed|damage|cannot' "$folder/$seen"; then
    fail "$seen: damage is told of"
    grep -a -i -E -B 1 'malformed|damage|cannot' "$folder/$seen" | cut -c 1-300 | head -6
  fi
done
if [ -n "${TOPK_KEEP:-}" ]; then cp "$folder"/expected* "$TOPK_KEEP"; fi
lines=$(cat "$folder"/expected* | wc -l)
echo "cross-cpu: $comparisons comparisons of $(wc -l < "$folder/expected") and more lines on ${#cpus[@]} CPUs ($lines lines in all), $failures failed"
[ "$failures" -eq 0 ]
