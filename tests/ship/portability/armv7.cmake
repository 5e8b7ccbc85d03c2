# Toolchain file: armv7 (32 bits, little-endian, char is unsigned) by Debian's
# g++-arm-linux-gnueabihf, run under qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR armv7)
set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)
set(CMAKE_CXX_COMPILER arm-linux-gnueabihf-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm -L /usr/arm-linux-gnueabihf)
# No notes about code of g++ 6, which passes arguments in another way.
set(CMAKE_CXX_FLAGS_INIT -Wno-psabi)
