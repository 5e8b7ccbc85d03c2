# The layers check goes red: each wrong include planted alone into a small house, and named.
#
#   cmake -D CHECK=check_layers.cmake -D SCRATCH=folder -P layers_red_test.cmake

cmake_minimum_required(VERSION 3.21)

# What the check says to a house whose `file` has the line `#include include`; the reason in the message must
# match `expected`, or be absent if `expected` is "fine".
function(planted file include expected)
  file(REMOVE_RECURSE "${SCRATCH}")
  foreach(room IN ITEMS base sketch stream storage surface)
    file(WRITE "${SCRATCH}/${room}/good.hpp" "#include <vector>\n")
  endforeach()
  file(WRITE "${SCRATCH}/${file}" "// A file.\n#include <string>\n#include ${include}\n")
  execute_process(COMMAND ${CMAKE_COMMAND} -D ROOT=${SCRATCH} -P ${CHECK}
    RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  string(REGEX REPLACE "[ \n]+" " " out "${out}")
  if(expected STREQUAL "fine")
    if(NOT code EQUAL 0)
      message(SEND_ERROR "${file} with ${include} should pass: ${out}")
    endif()
    return()
  endif()
  string(FIND "${out}" "${file}: #include ${include}" line_at)
  string(FIND "${out}" "${expected}" reason_at)
  if(code EQUAL 0 OR line_at EQUAL -1 OR reason_at EQUAL -1)
    message(SEND_ERROR "${file} with ${include} should fail with '${expected}': ${out}")
  endif()
endfunction()

planted(surface/a.cpp "\"storage/good.hpp\"" fine)
planted(surface/a.cpp "\"base/good.hpp\"" fine)
planted(stream/a.hpp "\"sketch/good.hpp\"" fine)
planted(storage/a.cpp "\"shadow_sql.hpp\"" fine)
planted(surface/a.cpp "\"version.hpp\"" fine)
planted(surface/a.cpp "<chrono>" fine)
planted(base/hash.cpp "<xxhash.h>" fine)
planted(storage/sqlite_api.hpp "<sqlite3ext.h>" fine)
planted(entry.cpp "<sqlite3ext.h>" fine)
planted(entry.cpp "\"surface/good.hpp\"" fine)

planted(base/a.cpp "\"sketch/good.hpp\"" "base may include from base")
planted(sketch/a.cpp "\"stream/good.hpp\"" "sketch may include from base, sketch")
planted(stream/a.cpp "\"storage/good.hpp\"" "stream may include from")
planted(stream/a.hpp "\"surface/good.hpp\"" "stream may include from")
planted(storage/a.cpp "\"stream/good.hpp\"" "storage may include from base, storage")
planted(storage/a.cpp "\"sketch/good.hpp\"" "storage may include from base, storage")
planted(storage/a.cpp "\"surface/good.hpp\"" "storage may include from base, storage")
planted(entry.cpp "\"storage/good.hpp\"" "entry may include from surface")
planted(base/item.cpp "<xxhash.h>" "only in base/hash.cpp")
planted(surface/a.cpp "<sqlite3.h>" "only in storage/sqlite_api.hpp, entry.cpp")
planted(surface/a.cpp "<sqlite3ext.h>" "only in storage/sqlite_api.hpp, entry.cpp")
planted(stream/a.cpp "<chrono>" "only in surface")
planted(surface/a.cpp "\"shadow_sql.hpp\"" "only in storage")
planted(surface/a.cpp "\"good.hpp\"" "no such header")
planted(surface/a.cpp "\"../base/good.hpp\"" "no such header")
planted(surface/a.cpp "\"base/absent.hpp\"" "no such header")
planted(surface/a.cpp "HEADER" "not an include that this check can read")

# A folder that is no room at all.
file(REMOVE_RECURSE "${SCRATCH}")
file(WRITE "${SCRATCH}/attic/a.cpp" "#include <vector>\n")
execute_process(COMMAND ${CMAKE_COMMAND} -D ROOT=${SCRATCH} -P ${CHECK}
  RESULT_VARIABLE code OUTPUT_QUIET ERROR_VARIABLE out)
if(code EQUAL 0 OR NOT out MATCHES "'attic' is not a room")
  message(SEND_ERROR "a folder that is no room should fail: ${out}")
endif()
file(REMOVE_RECURSE "${SCRATCH}")
