# What `make build` builds and `cmake --install` installs: the program, the shared library and what it takes to link
# it. The static library and the tests stay here.
include(CMakePackageConfigHelpers)

add_custom_target(products DEPENDS slipway_cli slipway_shared)

install(TARGETS slipway_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS slipway_shared EXPORT slipwayTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
# What a library of custom operators takes: the header, nothing to link.
add_library(slipway_custom_op INTERFACE)
set_target_properties(slipway_custom_op PROPERTIES EXPORT_NAME custom_op)
target_include_directories(slipway_custom_op INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
install(TARGETS slipway_custom_op EXPORT slipwayTargets)
install(DIRECTORY include/slipway DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/slipway)
install(EXPORT slipwayTargets NAMESPACE slipway:: DESTINATION ${package_folder})
configure_package_config_file(cmake/slipwayConfig.cmake.in ${PROJECT_BINARY_DIR}/slipwayConfig.cmake
  INSTALL_DESTINATION ${package_folder})
# Below 1.0 a minor version may break what came before.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/slipwayConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/slipwayConfig.cmake ${PROJECT_BINARY_DIR}/slipwayConfigVersion.cmake
  DESTINATION ${package_folder})

# Relative to itself, so that the installed tree can be moved.
file(RELATIVE_PATH pkgconfig_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/slipway.pc.in ${PROJECT_BINARY_DIR}/slipway.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/slipway.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
