# Writes the extension as one file: each header once, before its first user, then each source.
#
#   cmake -D ROOT=extension -D GENERATED=folder,... -D SOURCES=base/hash.cpp,base/item.cpp,...
#         -D XXHASH=xxhash.h -D LICENSE=LICENSE -D VERSION=0.1.0 -D OUTPUT=topk.cpp -P amalgamate.cmake
#
# Files are looked up in ROOT, then in the folders of GENERATED; those read are listed in OUTPUT.d.
# The text of xxhash.h replaces its #include, so that the result needs only a C++20 compiler and
# SQLite's headers. There are no #line directives: compiler messages refer to the file the user has.
#
# All files of a layer share one unnamed namespace: two of them must not use one name there for two
# things.

cmake_minimum_required(VERSION 3.21)

# A global property is what a recursive function can add to.
set_property(GLOBAL PROPERTY taken "")
set_property(GLOBAL PROPERTY read "${XXHASH}")
set_property(GLOBAL PROPERTY outside "")
set_property(GLOBAL PROPERTY body "")

# take_file(NAME): appends our headers that the file includes, then the file, to `body`. Headers of
# the C++ library and of SQLite are collected in `outside`; any other .h may be for one kind of CPU
# and stays where it is.
function(take_file name)
  get_property(taken GLOBAL PROPERTY taken)
  if(name IN_LIST taken)
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY taken "${name}")

  unset(path)  # find_file would take the caller's value as its result
  find_file(path "${name}" PATHS "${ROOT}" ${generated} NO_DEFAULT_PATH NO_CACHE REQUIRED)
  set_property(GLOBAL APPEND PROPERTY read "${path}")
  file(READ "${path}" text)
  string(REPLACE "#pragma once\n" "" text "${text}")

  file(STRINGS "${path}" includes REGEX "^[ \t]*#[ \t]*include")
  foreach(line IN LISTS includes)
    if(line STREQUAL "#include \"topk.h\"")
      set_property(GLOBAL APPEND PROPERTY outside "${line}")
    elseif(line MATCHES "^#include \"([^\"]+)\"$")
      take_file("${CMAKE_MATCH_1}")
    elseif(line MATCHES "^#include (<[a-z_]+>|<sqlite3ext.h>)$")
      set_property(GLOBAL APPEND PROPERTY outside "#include ${CMAKE_MATCH_1}")
    elseif(line MATCHES "^#include <[a-z0-9_]+\\.h>$")
      continue()
    else()
      message(FATAL_ERROR "${name}: an include that this script cannot read: ${line}")
    endif()
    string(REPLACE "${line}\n" "" text "${text}")
  endforeach()

  if(text MATCHES "#include <xxhash.h>\n")
    file(READ "${XXHASH}" xxhash)
    string(REPLACE "#include <xxhash.h>\n" "\n${xxhash}\n" text "${text}")
  endif()
  string(REGEX REPLACE "\n\n\n+" "\n\n" text "${text}")
  string(STRIP "${text}" text)
  set_property(GLOBAL APPEND_STRING PROPERTY body "\n// ---- ${name}\n\n${text}\n")
endfunction()

string(REPLACE "," ";" sources "${SOURCES}")
string(REPLACE "," ";" generated "${GENERATED}")
foreach(source IN LISTS sources)
  take_file("${source}")
endforeach()

get_property(outside GLOBAL PROPERTY outside)
list(REMOVE_DUPLICATES outside)
list(SORT outside)
list(JOIN outside "\n" outside)
get_property(body GLOBAL PROPERTY body)
file(READ "${LICENSE}" license)
string(STRIP "${license}" license)
string(REPLACE "\n" "\n// " license "// ${license}")
string(REPLACE "// \n" "//\n" license "${license}")

file(WRITE "${OUTPUT}"
"// topk ${VERSION}: heavy hitters of a stream, inside SQLite. The whole extension in one file, made from the
// files named between the lines; topk.h documents its entry point and how to register it.
//
//   g++ -std=c++20 -O2 -c -DSQLITE_CORE topk.cpp                    to be linked with SQLite into a program
//   g++ -std=c++20 -O2 -shared -fPIC -fvisibility=hidden topk.cpp -o topk.so    to be loaded
//
// It needs a compiler for C++20 (g++ 12, clang 14), sqlite3.h and sqlite3ext.h 3.40 or newer, and no
// library but that of C++. -fno-rtti is welcome; -fno-exceptions is not: memory that runs out is an
// exception up to the border of SQLite, where it becomes SQLITE_NOMEM.
//
${license}
//
// xxHash, which is included below, has the BSD 2-clause licence that stands at its head.

${outside}

#if defined(__GNUC__) || defined(__clang__)
#pragma GCC visibility push(hidden)
#endif
${body}
#if defined(__GNUC__) || defined(__clang__)
#pragma GCC visibility pop
#endif
")

get_property(read GLOBAL PROPERTY read)
list(JOIN read " \\\n  " read)
file(WRITE "${OUTPUT}.d" "${OUTPUT}: \\\n  ${read}\n")
