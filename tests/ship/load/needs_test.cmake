# The library depends on the C library only: it loads where there is no C++ runtime or libxxhash,
# and gets SQLite from its host. (std::floor and std::trunc may be calls into libm: cast instead.)
#
#   cmake -D LIBRARY=topk.so -D READELF=readelf -P needs_test.cmake

cmake_minimum_required(VERSION 3.21)

execute_process(COMMAND ${READELF} -d ${LIBRARY}
  OUTPUT_VARIABLE listed COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\\(NEEDED\\)[^\n]*" needed "${listed}")
foreach(line IN LISTS needed)
  if(NOT line MATCHES "libc\\.so|ld-linux|ld64\\.so")
    message(SEND_ERROR "unwanted: ${line}")
  endif()
endforeach()
