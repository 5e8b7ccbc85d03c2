# Sourced by run.sh: what cmake installs and cpack packs from $build, used with $cxx and $cc.

prefix=$scratch/prefix
holds "cmake --install" cmake --install "$build" --prefix "$prefix"
pc=$(dirname "$(find "$prefix" -name topk.pc)")
lib=$(dirname "$pc")

holds "the static library links into a program in C++" \
  "$cxx" -std=c++20 -Wall -Wextra -Werror -I"$prefix/include" "$root/examples/embed/most_played.cpp" \
  "$lib/libtopk.a" -lsqlite3 -static-libstdc++ -static-libgcc -o "$scratch/static"
example "a program with the static library keeps its list over restarts" "$scratch/static"
holds "with -static-libstdc++ it needs SQLite and the C library alone" \
  only_needs "$scratch/static" '^(libsqlite3|libc|libm|ld-linux.*)\.so'
holds "the static library links into a shared one" \
  "$cxx" -shared -o "$scratch/all.so" -Wl,--whole-archive "$lib/libtopk.a" -Wl,--no-whole-archive
holds "which shows one symbol of topk's" exports_only "$scratch/all.so" sqlite3_topk_init

read -ra flags <<< "$(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs topk)"
holds "a program in C builds with pkg-config" "$cc" -std=c99 -Wall -Wextra -Wpedantic -Werror "$here/consumer.c" \
  "${flags[@]}" -o "$scratch/pkgconfig"
consumer "a program built with pkg-config prints the top items" "$scratch/pkgconfig"
loads "the installed topk.so loads" "$(PKG_CONFIG_PATH=$pc pkg-config --variable=loadable topk)"

build_example() {  # build_example PREFIX OUT: the installed example, with the package of that prefix
  cmake -S "$(dirname "$(find "$1" -name most_played.cpp)")" -B "$2" \
    -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$1" &&
    cmake --build "$2" && grep "^topk_DIR:PATH=$1" "$2/CMakeCache.txt"
}
found_package() {  # found_package CLAIM PREFIX
  local out
  out=$(mktemp -d -p "$scratch")
  holds "$1: the example builds with find_package" build_example "$2" "$out"
  example "$1: the example keeps its list over restarts" "$out/most_played"
}
found_package "cmake --install" "$prefix"

holds "two copies of SQLite: the program builds" "$cxx" -std=c++20 -Wall -Wextra -Werror -I"$prefix/include" \
  "$here/two_copies.cpp" "$lib/libtopk.a" -lsqlite3 -ldl -o "$scratch/two_copies"
other=$(ldconfig -p | sed -n 's/.*libsqlite3\.so\.0 .*=> //p' | head -1)
cp "$other" "$scratch/libother.so"
holds "two copies of SQLite: topk serves one and refuses the other" \
  "$scratch/two_copies" "$scratch/libother.so" "$lib/topk.so"

# ---- packages

packed() {  # packed GENERATOR: into its own folder
  (cd "$build" && cpack -G "$1" -B "$scratch/$1")
}
holds "cpack makes the .tar.gz" packed TGZ
mkdir -p "$scratch/moved"
holds "the .tar.gz unpacks anywhere" \
  tar -xzf "$(find "$scratch/TGZ" -maxdepth 1 -name '*.tar.gz')" -C "$scratch/moved" --strip-components=1
[ -n "${TOPK_EMBED_SHARE:-}" ] || found_package ".tar.gz" "$scratch/moved"
loads ".tar.gz: topk.so loads" "$(find "$scratch/moved" -name topk.so)"

if command -v dpkg-deb > /dev/null; then
  holds "cpack makes the .deb files" packed DEB
  mod=$(find "$scratch/DEB" -maxdepth 1 -name 'libsqlite3-mod-topk_*.deb')
  dev=$(find "$scratch/DEB" -maxdepth 1 -name 'libtopk-dev_*.deb')
  field() { dpkg-deb -f "$1" "$2"; }
  fields() {
    [ "$(field "$mod" Architecture)" = "$(dpkg --print-architecture)" ] &&
      [ "$(field "$mod" Version)" = "$version-1" ] &&
      field "$mod" Depends | grep -q '^libc6 (>= [0-9.]*)$' &&
      field "$dev" Depends | grep -qF "libsqlite3-mod-topk (= $version-1), libsqlite3-dev" &&
      [ "$(field "$mod" Description | wc -l)" -gt 3 ]
  }
  holds "the .deb files say version, architecture and what they need" fields
  system=$scratch/system
  mkdir -p "$system"/var/lib/dpkg/{info,updates}
  touch "$system/var/lib/dpkg/status"
  holds "dpkg installs the .deb files into an empty system" dpkg --root="$system" --log=/dev/null --force-depends \
    --force-not-root --force-script-chrootless -i "$mod" "$dev"
  installed() {
    [ "$(dpkg --root="$system" -l libsqlite3-mod-topk libtopk-dev | grep -c "^ii ")" = 2 ] &&
      [ -z "$(dpkg --root="$system" --verify)" ]
  }
  holds "dpkg finds them installed and whole" installed
  [ -n "${TOPK_EMBED_SHARE:-}" ] || found_package ".deb" "$system/usr"
  loads ".deb: topk.so loads" "$(find "$system/usr" -name topk.so)"
  read -ra flags <<< "$(PKG_CONFIG_PATH=$(dirname "$(find "$system" -name topk.pc)") pkg-config --cflags --libs topk)"
  holds ".deb: a program in C builds with pkg-config" "$cc" -std=c99 "$here/consumer.c" "${flags[@]}" -o "$scratch/deb"
  consumer ".deb: a program built with pkg-config prints the top items" "$scratch/deb"
else
  echo "SKIP  .deb: this system has no dpkg"
fi
