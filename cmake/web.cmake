# The pages: web/ bundled by Node into one file, which src/server/built_in_pages.cpp takes in.

option(TALLYCAST_WEB "Build the pages into the program (needs Node and npm)" ON)

# Sets `result` to the bundle's path. What it takes from the network (npm ci) lies in web/node_modules and
# is fetched only when web/package-lock.json has changed; a build without tests fetches less.
function(tallycast_web_bundle result)
  find_program(TALLYCAST_NODE NAMES node nodejs)
  find_program(TALLYCAST_NPM npm)
  if(NOT TALLYCAST_NODE OR NOT TALLYCAST_NPM)
    message(FATAL_ERROR "The pages are built with Node and npm: install them (tools/deps --run), "
      "or build the server without pages (-DTALLYCAST_WEB=OFF).")
  endif()
  set(web ${PROJECT_SOURCE_DIR}/web)
  file(GLOB sources CONFIGURE_DEPENDS ${web}/*.json ${web}/*/*.ts ${web}/*/*.tsx ${web}/*/*.css ${web}/*/*.html
    ${web}/*/*.svg ${web}/*/*.js ${web}/*/*.mjs)
  list(FILTER sources EXCLUDE REGEX "/node_modules/")
  set(bundle ${CMAKE_BINARY_DIR}/web/pages.bundle)
  set(packages run)
  if(TALLYCAST_TESTS)
    set(packages all)
  endif()
  add_custom_command(OUTPUT ${bundle}
    COMMAND ${TALLYCAST_NODE} ${web}/tools/install.mjs ${TALLYCAST_NPM} ${packages}
    COMMAND ${TALLYCAST_NODE} ${web}/tools/build.mjs ${CMAKE_BINARY_DIR}/web
    DEPENDS ${sources}
    COMMENT "Building the pages" VERBATIM)
  add_custom_target(pages DEPENDS ${bundle})
  set(${result} ${bundle} PARENT_SCOPE)
endfunction()
