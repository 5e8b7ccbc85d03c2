#!/usr/bin/env bash
# Static analysis: clang-tidy (.clang-tidy) over extension/, cppcheck over extension/ and tests/.
#
#   tests/ship/static/run.sh               extension/ only; clang-tidy reads it as one file, cppcheck as
#                                          one per layer, which takes a fraction of the time that the
#                                          single files take
#   tests/ship/static/run.sh --each        both over each file, clang-tidy with the analyzer's deep
#                                          mode; cppcheck over tests/, too
#   tests/ship/static/run.sh FILE...       clang-tidy over these files of extension/; no cppcheck
#
# Nothing is compiled: cmake writes compile_commands.json and the generated headers. Any finding is
# an error. The end is one line: "static analysis: N files with clang-tidy, M files with cppcheck,
# no finding".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.." || exit 2
. tests/kit/need_packages.sh

build=build/static
jobs=${TOPK_JOBS:-$(nproc)}
mode=one
case ${1:-} in
  "") ;;
  --each) mode=each ;;
  *) mode=named ;;
esac
need_packages clang clang-tidy cppcheck cmake ninja-build libsqlite3-dev libxxhash-dev || exit 2

# The one file takes in the text of xxhash.h, whose author has other rules: there it stays an
# include.
xxhash=$(echo '#include <xxhash.h>' | clang++ -E -x c++ - | sed -n 's/^# 1 "\(.*\/xxhash\.h\)".*/\1/p' | head -1)
mkdir -p $build/xxhash
echo "#include <$xxhash>" > $build/xxhash/xxhash.h

# Without tests: modules that speak to SQLite would be built twice, and so looked at twice.
if ! { cmake -S . -B $build -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Release \
    -DTOPK_BUILD_TESTS=OFF -DTOPK_LEAN_BUILD=OFF -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
    -DTOPK_XXHASH_INCLUDE_DIR="$PWD/$build/xxhash" &&
    cmake --build $build --target topk_shadow_sql amalgamation; } > $build.log 2>&1; then
  cat $build.log
  echo "static analysis: cmake failed"
  exit 2
fi

mapfile -t sources < <(ls -S extension/*.cpp extension/*/*.cpp)  # the long ones first
# tidy FILE ARGUMENT...: the findings of one run of clang-tidy
tidy() {
  local file=$1 errors
  shift
  errors=$(mktemp -p $build)
  clang-tidy --quiet "$file" "$@" 2> "$errors" || {
    grep -a 'error:' "$errors"
    echo "$file: clang-tidy found something"
  }
  rm "$errors"
}
export -f tidy
export build
case $mode in
  one)
    # The analyzer's shallow mode costs a third of its deep one. Intrinsics are xxhash.h's, inlined.
    one=$build/amalgamation/topk.cpp
    tidy $one --checks=-portability-simd-intrinsics --extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang \
      --extra-arg=mode=shallow -- -std=c++20 -O2 |
      awk -v one=$one 'BEGIN { while ((getline line < one) > 0) {
            at++
            if (line ~ /^\/\/ ---- /) { file = substr(line, 9); from = at + 1 }
            name[at] = file; first[at] = from } }
        { text = $0
          if (match(text, /topk\.cpp:[0-9]+:/)) {
            n = substr(text, RSTART + 9, RLENGTH - 10)
            text = "extension/" name[n] ", " n - first[n] " lines down: " text }
          print text }' | tee $build/tidy.txt ;;
  each)
    printf '%s\n' "${sources[@]}" |
      xargs -P "$jobs" -I{} bash -c "tidy {} -p $build" | tee $build/tidy.txt ;;
  named)
    sources=("$@")
    printf '%s\n' "${sources[@]}" |
      xargs -P "$jobs" -I{} bash -c "tidy {} -p $build" | tee $build/tidy.txt ;;
esac
tidied=$(grep -ac 'clang-tidy found something' $build/tidy.txt)

checked=0
found=0
test_files=()
if [ $mode != named ]; then
  mkdir -p $build/cppcheck
  checking=(cppcheck --std=c++20 --inline-suppr --quiet -j "$jobs"
    --suppressions-list=tests/ship/static/cppcheck_suppressions.txt
    "--template={file}:{line}: {severity}: {message} [{id}]" --error-exitcode=1)
  if [ $mode = one ]; then
    # By relative paths, which is how the suppressions name files.
    layers=()
    for source in "${sources[@]}"; do
      layer=$build/cppcheck/$(basename "$(dirname "$source")").cpp
      [[ " ${layers[*]} " = *" $layer "* ]] || { layers+=("$layer"); : > "$layer"; }
      echo "#include \"../../../$source\"" >> "$layer"
    done
    "${checking[@]}" -Iextension -Iextension/include -I$build/extension/generated \
      --enable=warning,performance,portability "${layers[@]}" || found=1
  else
    mapfile -t test_files < <(find tests -name '*.cpp' | sort)
    "${checking[@]}" --project=$build/compile_commands.json --cppcheck-build-dir=$build/cppcheck \
      --enable=warning,performance,portability || found=1
    # Without Catch2's own headers, which it would take for ours; a test may copy more than it must.
    "${checking[@]}" -Iextension --library=tests/ship/static/catch2.cfg --enable=warning,portability \
      "${test_files[@]}" || found=1
  fi
  checked=$((${#sources[@]} + ${#test_files[@]}))
fi

if [ "$tidied" -ne 0 ] || [ "$found" -ne 0 ]; then
  echo "static analysis: FAILED$([ "$tidied" -eq 0 ] || echo ', findings of clang-tidy')$([ $found -eq 0 ] || echo ', findings of cppcheck')"
  exit 1
fi
echo "static analysis: ${#sources[@]} files with clang-tidy, $checked files with cppcheck, no finding"
