# SQLite::SQLite3 from an amalgamation, built with ThreadSanitizer: the installed library is not, so
# neither its mutexes' order nor its memory would be seen.

if(TARGET SQLite::SQLite3)
  return()
endif()
set(TOPK_TSAN_SQLITE ${PROJECT_SOURCE_DIR}/build/amalgamation CACHE PATH
  "Folder of sqlite3.c for TOPK_SANITIZE=thread; tests/attack/concurrency/tsan.sh gets one")
if(NOT EXISTS ${TOPK_TSAN_SQLITE}/sqlite3.c)
  message(FATAL_ERROR "TOPK_SANITIZE=thread needs ${TOPK_TSAN_SQLITE}/sqlite3.c: "
    "run tests/attack/concurrency/tsan.sh, which gets it")
endif()

enable_language(C)
find_package(Threads REQUIRED)
add_library(topk_instrumented_sqlite STATIC ${TOPK_TSAN_SQLITE}/sqlite3.c)
add_library(SQLite::SQLite3 ALIAS topk_instrumented_sqlite)
target_include_directories(topk_instrumented_sqlite SYSTEM INTERFACE ${TOPK_TSAN_SQLITE})
target_link_libraries(topk_instrumented_sqlite PUBLIC Threads::Threads ${CMAKE_DL_LIBS} m)
target_compile_options(topk_instrumented_sqlite PRIVATE -O1 -g1 -fsanitize=thread)
# As Debian's library in what a connection does: threads serialized, nothing left out. But no
# statistics of memory: their mutex, taken at every allocation, would order all that threads do.
target_compile_definitions(topk_instrumented_sqlite PRIVATE
  HAVE_USLEEP
  SQLITE_DEFAULT_MEMSTATUS=0
  SQLITE_ENABLE_FTS5
  SQLITE_ENABLE_LOAD_EXTENSION
  SQLITE_ENABLE_RTREE
  SQLITE_ENABLE_UNLOCK_NOTIFY
  SQLITE_SECURE_DELETE
  SQLITE_THREADSAFE=1
  SQLITE_USE_URI)
