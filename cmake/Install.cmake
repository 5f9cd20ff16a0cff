# What `make build` builds: the programs and the library that are installed, not the tests.
add_custom_target(products)
foreach(product slipway_cli slipway)
  if(TARGET ${product})
    add_dependencies(products ${product})
  endif()
endforeach()
