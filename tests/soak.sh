#!/usr/bin/env bash
# The attacks in bulk: kills, power cuts, faults, hostile files, fuzzers, concurrency, random programs, long life.
#
#   tests/soak.sh [MINUTES [ATTACK...]]     30 minutes and all attacks without arguments; hours, if wanted
#
# Attacks: kill power fault hostile fuzz concurrency model longlife. Each has its share of the minutes and goes on in
# rounds, with new seeds, until that is used up; a round is always finished, and fault and hostile are the same
# each time: one round. So a few minutes become more. TOPK_SOAK_SEED=N repeats the seeds of an earlier run.
#
# Ctrl-C ends it and prints how far it came. The end is one line for each attack; the exit code is not 0 if one failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
. tests/kit/need_packages.sh

minutes=${1:-30}
shift || true
known=(kill power fault hostile fuzz concurrency model longlife)
attacks=("${@:-${known[@]}}")
[[ $minutes =~ ^[1-9][0-9]*$ ]] || { echo "soak: MINUTES='$minutes': expected a whole number from 1" >&2; exit 2; }
for attack in "${attacks[@]}"; do
  [[ " ${known[*]} " == *" $attack "* ]] || { echo "soak: no attack '$attack'; allowed: ${known[*]}" >&2; exit 2; }
done

seed=${TOPK_SOAK_SEED:-$(($(date +%s) % 1000000))}
tests=build/soak/tests
logs=build/soak/logs
doing=building
lines=()     # of the end
failed=0
child=0

# concurrency_program: the executable of tests/attack/concurrency, if this tree has one.
concurrency_program() { find "$tests" -type f -perm -u+x -name '*concurrency*tests' 2> /dev/null | head -1; }

# fuzz_seconds SECONDS: what each of the five targets gets of these, one running on each core.
fuzz_seconds() {
  local rounds each cores
  cores=${TOPK_JOBS:-$(nproc)}
  rounds=$(((5 + cores - 1) / cores))
  each=$(($1 / rounds))
  echo $((each > 10 ? each : 10))
}

# command_of ATTACK ROUND SECONDS: prints the command of one round, one word a line.
command_of() {
  local n=$((seed + $2))
  case $1 in
    kill) printf '%s\n' env TOPK_CRASH_KILLS=500 TOPK_CRASH_SEED=$n "$tests/topk_crash_tests" '[kill]' ;;
    power) printf '%s\n' env TOPK_CRASH_SEED=$n "$tests/topk_crash_tests" '[power]' ;;
    fault) printf '%s\n' env TOPK_FAULT_STRIDE=1 "$tests/topk_fault_tests" ;;
    hostile) printf '%s\n' env TOPK_CORRUPT_STRIDE=1 "$tests/topk_corrupt_tests" ;;
    fuzz) printf '%s\n' tests/attack/fuzz/run.sh "$(fuzz_seconds "$3")" ;;
    concurrency) printf '%s\n' env TOPK_CONCURRENCY_SECONDS="$3" "$(concurrency_program)" ;;
    model) printf '%s\n' env TOPK_MODEL_FIRST=$((seed + 50 * $2)) TOPK_MODEL_SEEDS=50 "$tests/topk_sql_tests" \
      '[model][random]' ;;
    longlife) printf '%s\n' env TOPK_LONGLIFE_SEED=$n "$tests/attack/longlife/topk_longlife_tests" ;;
  esac
}

# target_of ATTACK: what must be built for it; fuzz/run.sh builds its own.
target_of() {
  case $1 in
    kill | power) echo topk_crash_tests ;;
    fault) echo topk_fault_tests ;;
    hostile) echo topk_corrupt_tests ;;
    concurrency) [ ! -d tests/attack/concurrency ] || echo all ;;
    model) echo topk_sql_tests ;;
    longlife) echo topk_longlife_tests ;;
  esac
}

# repeats ATTACK: whether another round is another test; those with their own clock take all in one.
repeats() { [[ $1 = kill || $1 = power || $1 = model || $1 = longlife ]]; }

# sum TEXT FILE...: adds up the number that follows TEXT wherever it stands.
sum() {
  local text=$1
  shift
  sed -n "s/.*$text\([0-9][0-9]*\).*/\1/p" "$@" | awk '{ s += $1 } END { print s + 0 }'
}

# figures ATTACK ROUNDS LOG...: what the rounds did.
figures() {
  local attack=$1 rounds=$2
  shift 2
  case $attack in
    kill) echo "$(sum 'kills survived: ' "$@") kills survived, $(sum 'transactions acknowledged: ' "$@") transactions" ;;
    power) echo "$(sum 'power cuts survived: ' "$@") power cuts survived" ;;
    fault) echo "$(sum 'faults walked: ' "$@") faults walked" ;;
    hostile) echo "$(sum 'inputs tried: ' "$@") inputs tried" ;;
    fuzz) echo "$(sum 'fuzz: ' "$@") inputs of fuzzers" ;;
    concurrency) tail -n 40 "$@" | grep -E '[0-9]' | grep -vE '^(=|All tests|assertions|test cases)' | tail -1 ;;
    model) echo "$((50 * rounds)) random programs from seed $((seed + 50))" ;;
    longlife) echo "$(sum 'long life: ' "$@") simulated days, $(sum 'simulated, ' "$@") events" ;;
  esac
}

tell() {
  echo
  echo "==== soak, seed $seed, $((SECONDS / 60)) min"
  printf '%s\n' "${lines[@]}"
}

interrupted() {
  trap '' INT TERM
  [ "$child" -eq 0 ] || kill -TERM -- "-$child" 2> /dev/null
  lines+=("interrupted: $doing")
  tell
  exit 130
}

# run ATTACK SECONDS: rounds until the seconds are over.
run() {
  local attack=$1 share=$2 begun=$SECONDS round=0 state=ok log words made=()
  while :; do
    round=$((round + 1))
    log=$logs/$attack-$round.log
    made+=("$log")
    mapfile -t words < <(command_of "$attack" "$round" "$share")
    setsid "${words[@]}" > "$log" 2>&1 < /dev/null &
    child=$!
    local told=0
    while kill -0 "$child" 2> /dev/null; do
      sleep 1
      told=$((told + 1))
      [ $((told % 15)) -ne 1 ] ||
        echo "soak $at/${#attacks[@]} $attack: round $round, $((SECONDS - begun)) s of $share s;" \
          "$(((end - SECONDS) > 0 ? (end - SECONDS) / 60 : 0)) min left"
    done
    wait "$child" || state="FAILED, see $log: ${words[*]}"
    child=0
    [ "$state" = ok ] || break
    repeats "$attack" && [ $((SECONDS - begun)) -lt "$share" ] || break
  done
  [ "$state" = ok ] || { failed=1; tail -30 "$log"; }
  lines+=("$attack: $(figures "$attack" "$round" "${made[@]}"), $round rounds, $((SECONDS - begun)) s: $state")
  echo "${lines[-1]}"
}

trap interrupted INT TERM
need_packages g++ cmake ninja-build catch2 libsqlite3-dev libxxhash-dev sqlite3 || exit 2
mkdir -p "$logs"
rm -f "$logs"/*.log
cmake -S . -B build/soak -G Ninja -DCMAKE_BUILD_TYPE=Release -DTOPK_BUILD_TESTS=ON > "$logs/cmake.txt" 2>&1 &&
  mapfile -t targets < <(for one in "${attacks[@]}"; do target_of "$one"; done | sort -u) &&
  cmake --build build/soak -j "${TOPK_JOBS:-$(nproc)}" --target "${targets[@]:-topk}" -- --quiet || { echo "soak: the build failed; see $logs/cmake.txt"; exit 2; }

share=$((minutes * 60 / ${#attacks[@]}))
end=$((SECONDS + minutes * 60))
at=0
for attack in "${attacks[@]}"; do
  at=$((at + 1))
  if [ "$attack" = concurrency ] && [ -z "$(concurrency_program)" ]; then
    lines+=("concurrency: skipped, this tree has no tests/attack/concurrency")
    continue
  fi
  doing=$attack
  run "$attack" "$share"
done
tell
exit "$failed"
