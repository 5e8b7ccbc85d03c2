# The library exports exactly one symbol, its entry point.
#
#   cmake -D LIBRARY=topk.so -D NM=nm -P exports_test.cmake

cmake_minimum_required(VERSION 3.21)

execute_process(COMMAND ${NM} -D --defined-only ${LIBRARY}
  OUTPUT_VARIABLE listed COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^ \n]+\n" symbols "${listed}")
list(TRANSFORM symbols STRIP)
if(NOT symbols STREQUAL "sqlite3_topk_init")
  message(FATAL_ERROR "expected sqlite3_topk_init and nothing else:\n${listed}")
endif()
