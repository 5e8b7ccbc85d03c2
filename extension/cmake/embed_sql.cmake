# Turns a file of SQL into a header: an enum of the statements' names, and an array of their texts.
#
#   cmake -D INPUT=statements.sql -D OUTPUT=shadow_sql.hpp -P embed_sql.cmake
#
# A line `-- name: put_tail` begins the statement topk::storage::sql::put_tail, whose text is
# sql_texts[put_tail]; it goes up to the next such line. Comments are left out. Before the first
# name, only comments may stand.

cmake_minimum_required(VERSION 3.21)

file(READ "${INPUT}" rest)
set(marker "-- name: ")
set(names "")
set(enumerators "")
set(texts "")

string(FIND "${rest}" "${marker}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "${INPUT}: no line '-- name: ...'")
endif()
string(SUBSTRING "${rest}" 0 ${at} preface)
string(REGEX REPLACE "--[^\n]*" "" preface "${preface}")
string(STRIP "${preface}" preface)
if(NOT preface STREQUAL "")
  message(FATAL_ERROR "${INPUT}: SQL before the first '-- name: ...': ${preface}")
endif()

string(LENGTH "${marker}" marker_length)
while(NOT at EQUAL -1)
  math(EXPR at "${at} + ${marker_length}")
  string(SUBSTRING "${rest}" ${at} -1 rest)

  string(FIND "${rest}" "\n" line_end)
  string(SUBSTRING "${rest}" 0 ${line_end} name)
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$" OR line_end EQUAL -1)
    message(FATAL_ERROR "${INPUT}: '-- name: ${name}' is not a snake_case name on a line of its own")
  endif()
  if(name IN_LIST names)
    message(FATAL_ERROR "${INPUT}: '-- name: ${name}' appears twice")
  endif()
  list(APPEND names ${name})

  math(EXPR line_end "${line_end} + 1")
  string(SUBSTRING "${rest}" ${line_end} -1 rest)
  string(FIND "${rest}" "${marker}" at)
  string(SUBSTRING "${rest}" 0 ${at} block)  # with at == -1, all that is left
  string(REGEX REPLACE "--[^\n]*" "" block "${block}")
  string(REGEX REPLACE "[ \n]+$" "" block "${block}")
  if(block STREQUAL "")
    message(FATAL_ERROR "${INPUT}: '-- name: ${name}' has no SQL")
  endif()
  string(APPEND enumerators "  ${name},\n")
  string(APPEND texts "    // ${name}\n    R\"sql(${block})sql\",\n")
endwhile()
list(LENGTH names count)

file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY NEWLINE_STYLE UNIX CONTENT
"// The statements that run on shadow tables. Made by embed_sql.cmake.
#pragma once

#include <array>
#include <cstdint>

namespace topk::storage {

enum class sql : std::uint8_t {
@enumerators@};

// The text of each, in the same order.
inline constexpr std::array<char const*, @count@> sql_texts = {
@texts@};

}  // namespace topk::storage
")
