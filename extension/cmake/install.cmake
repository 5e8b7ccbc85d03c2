# cmake --install, find_package(topk), pkg-config, and the packages that cpack makes.
#
#   cmake --build build/release
#   cmake --install build/release --prefix /opt/topk
#   cd build/release && cpack -G TGZ && cpack -G DEB
#
# topk.so is installed into the library folder itself, like Debian's SQLite modules: the dynamic
# linker searches it, so `.load topk` needs no path. For a multiarch .deb configure with
# CMAKE_INSTALL_PREFIX=/usr.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/topk)
set(data_dir ${CMAKE_INSTALL_DATADIR}/topk)

# ---- runtime: the library that a host loads, and the SQL to use it

install(TARGETS topk EXPORT topk LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sql/guide ${PROJECT_SOURCE_DIR}/sql/recipes ${PROJECT_SOURCE_DIR}/sql/reference
  DESTINATION ${data_dir}/sql COMPONENT runtime)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/CHANGELOG.md
  ${CMAKE_CURRENT_SOURCE_DIR}/FORMAT.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)

# ---- development: headers, libraries and sources to build a program with

set_target_properties(topk PROPERTIES EXPORT_NAME loadable)
install(TARGETS topk_static EXPORT topk
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES include/topk.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(FILES ${amalgamation}/topk.cpp ${amalgamation}/topk.h DESTINATION ${data_dir}/amalgamation
  COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/embed DESTINATION ${data_dir}/examples COMPONENT development)

install(EXPORT topk NAMESPACE topk:: FILE topkTargets.cmake DESTINATION ${package_dir} COMPONENT development)
configure_package_config_file(cmake/topkConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/topkConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/topkConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/topkConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/topkConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT development)

set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pc_to_prefix /prefix/${pc_dir} /prefix)
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
set(pc_loadable topk${CMAKE_SHARED_MODULE_SUFFIX})
set(pc_runtime -lstdc++)
if(APPLE)
  set(pc_runtime -lc++)
endif()
configure_file(cmake/topk.pc.in ${CMAKE_CURRENT_BINARY_DIR}/topk.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/topk.pc DESTINATION ${pc_dir} COMPONENT development)

# ---- packages

set(CPACK_PACKAGE_NAME topk)
set(CPACK_PACKAGE_VENDOR "the topk authors")
# Set this to a name and an address before you distribute packages.
set(CPACK_PACKAGE_CONTACT "the topk authors" CACHE STRING "Maintainer of the .deb: name <address>")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_GENERATOR TGZ)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_SYSTEM_NAME ${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})

# Two Debian packages, named as Debian names such things; the archive holds both.
set(mod libsqlite3-mod-topk)
set(dev libtopk-dev)
set(revision 1)
set(frequent "Virtual tables, table-valued functions and aggregates that keep the most
frequent items of the last minute, hour or day in a SQLite database, with
lower and upper bounds for each count.
.")
set(CPACK_COMPONENTS_ALL runtime debian_runtime development debian_development)
set(CPACK_COMPONENT_RUNTIME_GROUP mod)
set(CPACK_COMPONENT_DEBIAN_RUNTIME_GROUP mod)
set(CPACK_COMPONENT_DEVELOPMENT_GROUP dev)
set(CPACK_COMPONENT_DEBIAN_DEVELOPMENT_GROUP dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${revision})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_MOD_PACKAGE_NAME ${mod})
set(CPACK_DEBIAN_MOD_PACKAGE_SECTION database)
set(CPACK_DEBIAN_MOD_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_MOD_PACKAGE_ENHANCES libsqlite3-0)
set(CPACK_DEBIAN_MOD_PACKAGE_SUGGESTS sqlite3)
set(CPACK_DEBIAN_MOD_DESCRIPTION "${frequent}
This package contains the module that a program loads: .load topk")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME ${dev})
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
  "${mod} (= ${PROJECT_VERSION}-${revision}), libsqlite3-dev (>= 3.40), g++ | libstdc++-dev")
set(CPACK_DEBIAN_DEV_DESCRIPTION "${frequent}
This package contains the static library, the header, all sources in one
file, and the files for CMake and pkg-config.")

# The files that Debian's rules require in each package, in separate components that only a .deb
# uses.
set(debian ${CMAKE_CURRENT_BINARY_DIR}/debian)
file(READ ${PROJECT_SOURCE_DIR}/LICENSE license)
file(READ ${TOPK_XXHASH_INCLUDE_DIR}/xxhash.h xxhash_license LIMIT 4000)
string(REGEX REPLACE "\\*/.*" "" xxhash_license "${xxhash_license}")  # the comment at its head
string(REGEX REPLACE "(^/\\*|\n \\*) ?" "\n" xxhash_license "${xxhash_license}")
string(STRIP "${xxhash_license}" xxhash_license)
file(WRITE ${debian}/copyright
  "topk\n\n${license}\nxxHash, which is compiled in\n\n${xxhash_license}\n")
set(signature "${CPACK_PACKAGE_CONTACT}")
if(NOT signature MATCHES "<.*>")
  string(APPEND signature " <>")  # Debian's form has the brackets
endif()
file(WRITE ${debian}/changelog "topk (${PROJECT_VERSION}-${revision}) unstable; urgency=medium

  * Release ${PROJECT_VERSION}: see CHANGELOG.md.

 -- ${signature}  Thu, 01 Jan 2026 00:00:00 +0000
")
# Like Debian's SQLite modules it has no soname: nothing links to it.
file(WRITE ${debian}/overrides/${mod} "${mod}: sharedobject-in-library-directory-missing-soname\n")
find_program(TOPK_GZIP gzip)
if(TOPK_GZIP)
  execute_process(COMMAND ${TOPK_GZIP} -9nc ${debian}/changelog OUTPUT_FILE ${debian}/changelog.Debian.gz
    COMMAND_ERROR_IS_FATAL ANY)
  install(FILES ${debian}/copyright ${debian}/changelog.Debian.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${mod}
    COMPONENT debian_runtime EXCLUDE_FROM_ALL)
  install(FILES ${debian}/copyright ${debian}/changelog.Debian.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${dev}
    COMPONENT debian_development EXCLUDE_FROM_ALL)
  install(FILES ${debian}/overrides/${mod} DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides
    COMPONENT debian_runtime EXCLUDE_FROM_ALL)
endif()
include(CPack)
