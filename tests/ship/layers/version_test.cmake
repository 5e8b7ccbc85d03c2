# One version everywhere: the project's, the newest release in CHANGELOG.md, and what topk_version()
# says in the stock sqlite3 shell.
#
#   cmake -D VERSION=1.2.3 -D CHANGELOG=CHANGELOG.md [-D LIBRARY=topk.so -D SHELL=sqlite3] -P version_test.cmake

cmake_minimum_required(VERSION 3.21)

file(STRINGS "${CHANGELOG}" headings REGEX "^## ")
list(FILTER headings EXCLUDE REGEX "^## Unreleased$")
list(GET headings 0 newest)
if(NOT newest MATCHES "^## ${VERSION}( |$)")
  message(SEND_ERROR "CHANGELOG.md begins with '${newest}', the project is ${VERSION}")
endif()

file(STRINGS "${CHANGELOG}" formats REGEX "^\\*\\*Format\\*\\*")
list(LENGTH headings heading_count)
list(LENGTH formats format_count)
if(NOT heading_count EQUAL format_count)
  message(SEND_ERROR
    "CHANGELOG.md has ${heading_count} releases and ${format_count} lines that begin with **Format**")
endif()

if(LIBRARY)
  execute_process(
    COMMAND ${SHELL} -batch -init /dev/null :memory: ".load ${LIBRARY}" "SELECT topk_version();"
    OUTPUT_VARIABLE said ERROR_VARIABLE errors OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT said STREQUAL VERSION)
    message(SEND_ERROR "topk_version() says '${said}', the project is ${VERSION} ${errors}")
  endif()
endif()
