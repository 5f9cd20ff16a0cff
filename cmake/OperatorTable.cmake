# src/ops/operators.txt names one registration function per line; from it comes the table that the
# registry reads, so adding an operator family is one line there and its own file.
set(operator_list ${PROJECT_SOURCE_DIR}/src/ops/operators.txt)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${operator_list})
file(STRINGS ${operator_list} operator_families REGEX "^[a-z]")
set(operator_declarations "")
set(operator_calls "")
foreach(family IN LISTS operator_families)
  string(APPEND operator_declarations "void register_${family}(Registry&);\n")
  string(APPEND operator_calls "    register_${family},\n")
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/cmake/operator_table.inc.in
               ${PROJECT_BINARY_DIR}/generated/ops/operator_table.inc @ONLY)
