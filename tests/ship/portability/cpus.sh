# The CPUs of the tests for other ones, and Windows: Debian's names of each, and what runs its
# programs here.
# shellcheck shell=bash

# compiler_of CPU: the package.
compiler_of() {
  case $1 in
    windows) echo g++-mingw-w64-x86-64-posix ;;
    *) echo "g++-$(triplet_of "$1")" ;;
  esac
}

# triplet_of CPU: as in the names of its compiler and of the folder of its C library.
triplet_of() {
  case $1 in
    armv7) echo arm-linux-gnueabihf ;;
    *) echo "$1-linux-gnu" ;;
  esac
}

# emulator_of CPU: the words before a command; none where this machine runs it as it is.
emulator_of() {
  local libraries
  libraries=/usr/$(triplet_of "$1")
  [ "$1" != "$(uname -m)" ] || return 0
  case $1 in
    armv7) echo "qemu-arm -L $libraries" ;;
    windows) echo /usr/lib/wine/wine64 ;;
    # As i686.cmake links them, they find their libraries by themselves.
    i686) "$libraries/lib/ld-linux.so.2" --version > /dev/null 2>&1 || echo qemu-i386 ;;
    *) echo "qemu-$1 -L $libraries" ;;
  esac
}
