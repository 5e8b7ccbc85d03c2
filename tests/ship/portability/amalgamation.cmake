# SQLite::SQLite3 from the amalgamation in TOPK_SQLITE_AMALGAMATION, in place of the installed
# library.

cmake_path(ABSOLUTE_PATH TOPK_SQLITE_AMALGAMATION BASE_DIRECTORY ${PROJECT_SOURCE_DIR} NORMALIZE
  OUTPUT_VARIABLE amalgamation)
foreach(name IN ITEMS sqlite3.c sqlite3.h sqlite3ext.h)
  if(NOT EXISTS ${amalgamation}/${name})
    message(FATAL_ERROR "TOPK_SQLITE_AMALGAMATION=${amalgamation} has no ${name}; "
      "tests/ship/portability/fetch_amalgamation.sh gets one")
  endif()
endforeach()

enable_language(C)
find_package(Threads REQUIRED)
# Named as Debian's, so that programs linked to that one take this one by LD_LIBRARY_PATH.
# Windows looks for a DLL beside the program, so there it is part of that.
set(kind SHARED)
if(WIN32)
  set(kind STATIC)
endif()
add_library(topk_test_sqlite ${kind} ${amalgamation}/sqlite3.c)
set_target_properties(topk_test_sqlite PROPERTIES OUTPUT_NAME sqlite3 SOVERSION 0
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/sqlite)
add_library(SQLite::SQLite3 ALIAS topk_test_sqlite)
target_include_directories(topk_test_sqlite SYSTEM INTERFACE ${amalgamation})
target_link_libraries(topk_test_sqlite PRIVATE Threads::Threads ${CMAKE_DL_LIBS} m)
# Compiled for up to three CPUs, and nothing here is timed.
target_compile_options(topk_test_sqlite PRIVATE -O1)
# What Debian's library has and a test may meet; but no string in double quotes, which many other
# builds refuse: our SQL has none.
target_compile_definitions(topk_test_sqlite PRIVATE
  HAVE_USLEEP
  SQLITE_DQS=0
  SQLITE_ENABLE_COLUMN_METADATA
  SQLITE_ENABLE_DBSTAT_VTAB
  SQLITE_ENABLE_FTS5
  SQLITE_ENABLE_LOAD_EXTENSION
  SQLITE_ENABLE_MATH_FUNCTIONS
  SQLITE_ENABLE_PREUPDATE_HOOK
  SQLITE_ENABLE_RTREE
  SQLITE_ENABLE_SESSION
  SQLITE_ENABLE_STMTVTAB
  SQLITE_ENABLE_UNLOCK_NOTIFY
  SQLITE_MAX_VARIABLE_NUMBER=250000
  SQLITE_SECURE_DELETE
  SQLITE_SOUNDEX
  SQLITE_THREADSAFE=1
  SQLITE_USE_URI)
if(TOPK_SANITIZE)
  target_compile_options(topk_test_sqlite PRIVATE -fsanitize=address -fno-omit-frame-pointer)
endif()

# The layers take their headers from here unless the caller sets other paths; FindSQLite3 finds only
# this library.
set(TOPK_SQLITE_INCLUDE_DIR ${amalgamation} CACHE PATH "Folder of sqlite3ext.h")
set(SQLite3_INCLUDE_DIR ${amalgamation} CACHE PATH "Folder of sqlite3.h" FORCE)
set(SQLite3_LIBRARY topk_test_sqlite CACHE STRING "A target of this build" FORCE)
