# The library depends on the C library only: it loads where there is no C++ runtime or libxxhash,
# and gets SQLite from its host. (std::floor and std::trunc may be calls into libm: cast instead.) An
# armv7 has no instruction for std::ceil, by which unordered_map counts its buckets: there libm, a
# part of the C library, is wanted too.
#
#   cmake -D LIBRARY=topk.so -D READELF=readelf -D CPU=x86_64 -P needs_test.cmake

cmake_minimum_required(VERSION 3.21)

execute_process(COMMAND ${READELF} -d ${LIBRARY}
  OUTPUT_VARIABLE listed COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\\(NEEDED\\)[^\n]*" needed "${listed}")
foreach(line IN LISTS needed)
  if(CPU STREQUAL "armv7" AND line MATCHES "libm\\.so")
    continue()
  endif()
  if(NOT line MATCHES "libc\\.so|ld-linux|ld64\\.so")
    message(SEND_ERROR "unwanted: ${line}")
  endif()
endforeach()
