# slipway_room(name [LIBRARIES ...]): every .cpp below src/<name> becomes one object library,
# compiled once, from which the shared library, the CLI and the tests are all linked.
function(slipway_room name)
  cmake_parse_arguments(ROOM "" "" "LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" target slipway_${name})
  add_library(${target} OBJECT ${sources})
  target_link_libraries(${target} PUBLIC slipway_options ${ROOM_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY SLIPWAY_ROOMS ${target})
  set_property(GLOBAL APPEND PROPERTY SLIPWAY_ROOM_LIBRARIES ${ROOM_LIBRARIES})
endfunction()
