#!/usr/bin/env bash
# Static analysis: clang-tidy (.clang-tidy) over extension/, cppcheck over extension/ and tests/, on all cores.
#
#   tests/ship/static/run.sh                all of it
#   tests/ship/static/run.sh FILE...        clang-tidy over these files of extension/, named from the top; no cppcheck
#
# Nothing is compiled: cmake writes compile_commands.json and the generated headers. Any finding is an error. The
# end is one line: "static analysis: N files with clang-tidy, M files with cppcheck, no finding".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.." || exit 2
. tests/kit/need_packages.sh

build=build/static
jobs=${TOPK_JOBS:-$(nproc)}
need_packages clang clang-tidy cppcheck cmake ninja-build libsqlite3-dev libxxhash-dev || exit 2
# Without tests: rooms that speak to SQLite would be built twice, and so looked at twice.
if ! { cmake -S . -B $build -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Release \
    -DTOPK_BUILD_TESTS=OFF -DCMAKE_EXPORT_COMPILE_COMMANDS=ON &&
    cmake --build $build --target topk_shadow_sql; } > $build.log 2>&1; then
  cat $build.log
  echo "static analysis: cmake failed"
  exit 2
fi

# The analyzer's shallow mode costs a third of its deep one, which TOPK_STATIC_DEEP=1 takes.
depth=(--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=mode=shallow)
[ -z "${TOPK_STATIC_DEEP:-}" ] || depth=()

# The long ones first, so that no core waits at the end.
if [ $# -gt 0 ]; then files=("$@"); else mapfile -t files < <(ls -S extension/*.cpp extension/*/*.cpp); fi
printf '%s\n' "${files[@]}" |
  xargs -P "$jobs" -I{} sh -c "clang-tidy -p $build --quiet ${depth[*]} {} 2> $build/errors.\$\$ || {
    grep -a 'error:' $build/errors.\$\$; echo '{}: clang-tidy found something'; }" | tee $build/tidy.txt
tidy=$(grep -ac 'clang-tidy found something' $build/tidy.txt)

checked=0
found=0
if [ $# -eq 0 ]; then
  mkdir -p $build/cppcheck
  checking=(cppcheck --std=c++20 --inline-suppr --quiet -j "$jobs"
    --suppressions-list=tests/ship/static/cppcheck_suppressions.txt
    "--template={file}:{line}: {severity}: {message} [{id}]" --error-exitcode=1)
  mapfile -t test_files < <(find tests -name '*.cpp' | sort)
  "${checking[@]}" --project=$build/compile_commands.json --cppcheck-build-dir=$build/cppcheck \
    --enable=warning,performance,portability || found=1
  # Without Catch2's own headers, which it would take for ours; a test may copy more than it must.
  "${checking[@]}" -Iextension --library=tests/ship/static/catch2.cfg --enable=warning,portability "${test_files[@]}" || found=1
  checked=$((${#files[@]} + ${#test_files[@]}))
fi

if [ "$tidy" -ne 0 ] || [ "$found" -ne 0 ]; then
  echo "static analysis: FAILED, $tidy files with findings of clang-tidy$([ $found -eq 0 ] || echo ', and findings of cppcheck')"
  exit 1
fi
echo "static analysis: ${#files[@]} files with clang-tidy, $checked files with cppcheck, no finding"
