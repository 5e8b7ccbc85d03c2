#!/usr/bin/env bash
# Breaks the line of each guarantee once, in a scratch copy, and demands that its test goes red.
# Takes some minutes; needs what tests/run.sh installs.  tests/property/mutations.sh [GUARANTEE...]
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -r CMakeLists.txt CHANGELOG.md extension sql tests "$scratch"
cmake -S "$scratch" -B "$scratch/build" -G Ninja -DCMAKE_BUILD_TYPE=Release > /dev/null || exit 2
failed=0

# mutate GUARANTEE FILE OLD NEW: the test cases whose names begin with GUARANTEE must fail.
mutate() {
  local name=$1 file=$2 old=$3 new=$4 verdict
  [ "${#only[@]}" -eq 0 ] || [[ " ${only[*]} " == *" $name "* ]] || return 0
  cp "extension/$file" "$scratch/extension/$file"
  if ! OLD=$old NEW=$new perl -0pi -e 'BEGIN { $n = 0 } $n += s/\Q$ENV{OLD}\E/$ENV{NEW}/; END { exit($n ? 0 : 1) }' \
      "$scratch/extension/$file"; then
    verdict="the line is not there"
  elif ! ninja -C "$scratch/build" topk_unit_tests > "$scratch/log" 2>&1; then
    verdict="does not compile"
  elif timeout 120 "$scratch/build/tests/topk_unit_tests" "*$name*" > "$scratch/log" 2>&1; then
    verdict="STAYS GREEN"
  else
    verdict=red
  fi
  [ "$verdict" = red ] || failed=1
  printf '%-36s %-24s %s\n' "$name" "$file" "$verdict"
  cp "extension/$file" "$scratch/extension/$file"
}

only=("$@")
state=sketch/summary_state.cpp
mutate bounds_hold $state 'base.upper = add_saturated(base.upper, child_absent.upper);' ''
mutate u_never_falls $state 'absent.upper = std::max(absent.upper, add_saturated(base.upper, over));' \
  'absent.upper = add_saturated(base.upper, over);'
mutate u_at_most_gross_over_m $state 'if (over < counters[victim].over) return raise(hash, over, under);

  topk::item owned(item);' 'if (over < 2 * counters[victim].over) return raise(hash, over, under);

  topk::item owned(item);'
mutate evict_writes_both_rows sketch/count_filter.hpp 'for (std::size_t const at : positions(hash, width_)) cells_[at]' \
  'if (std::size_t const at = positions(hash, width_)[0]; true) cells_[at]'
mutate freed_slot_inherits_filter sketch/summary.cpp \
  's.insert(item, hash, s.absent_over(hash) + weight, s.absent_under(hash) + weight);' \
  's.insert(item, hash, weight, weight);'
mutate truncate_keeps_bounds sketch/summary.cpp \
  'cut.absent.upper = std::max(cut.absent.upper, s.hi(order[dropped]));' ''
mutate merge_any_order_equal $state 'absent.upper = add_saturated(absent.upper, child_absent.upper);' \
  'absent.upper = std::max(absent.upper, child_absent.upper);'
mutate late_delta_is_w_w sketch/summary.cpp \
  's.insert(item, hash, s.absent_over(hash) + weight, s.absent_under(hash) + weight);' \
  's.insert(item, hash, weight, s.absent_under(hash) + weight);
    if (s.has_filter() || s.base.upper > 0) s.counters[s.find(item, hash)].over -= s.base.upper;'
mutate total_bounds $state 'totals.total_upper = add_saturated(totals.total_upper, child.total_upper);' \
  'totals.total_upper = add_saturated(totals.total_upper, child.total_lower);'
mutate fold_is_pure sketch/band_minimum.hpp ' || (a.value == b.value && a.slot < b.slot)' ''
mutate saturation sketch/count_filter.hpp 'least == saturated' 'false'
mutate byte_capacity sketch/summary_state.hpp '+ charge(item_bytes) <= limits.bytes' '+ 0 * charge(item_bytes) <= limits.bytes'
mutate subtract_of_add_is_identity stream/merged_window.cpp 'raise(sums->lower, z - entry.lo);' ''
mutate cut_pane_bounds_with_retractions stream/merged_window.cpp 'raise(constant_.lower, -totals.gross_out);' ''
mutate proven_respects_ties stream/merged_window.cpp 'item_before(one.key, strongest.first)' 'true'
mutate hybrid_equals_exact stream/hybrid.cpp 'bool settled = unknown < threshold_;' 'bool settled = unknown < threshold_ || true;'
mutate future_event_expires_nothing stream/stream_head.cpp \
  'event.now == no_time ? event.ts : std::min(event.ts, event.now)' 'event.ts'
exit "$failed"
