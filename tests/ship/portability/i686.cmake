# Toolchain file: i686 (32 bits, where an int64 in a struct is aligned to four bytes) by Debian's
# g++-i686-linux-gnu. An x86-64 kernel runs its programs as they are; another one, qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER i686-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER i686-linux-gnu-g++)
# For SQLite: our own code has these flags in any case.
set(CMAKE_C_FLAGS_INIT "-msse2 -mfpmath=sse")
set(libraries /usr/i686-linux-gnu/lib)
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "-Wl,--dynamic-linker=${libraries}/ld-linux.so.2 -Wl,-rpath,${libraries}")
execute_process(COMMAND ${libraries}/ld-linux.so.2 --version
  OUTPUT_QUIET ERROR_QUIET RESULT_VARIABLE cannot_run)
if(NOT cannot_run EQUAL 0)
  set(CMAKE_CROSSCOMPILING_EMULATOR qemu-i386)
endif()
