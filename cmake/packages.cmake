# Every third-party library, found once. tools/deps knows the Debian packages they come from; which
# module may use which is said in CMakeLists.txt and checked by tests/arrows/check_arrows.py.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS json)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json REQUIRED CONFIG)
find_package(spdlog REQUIRED CONFIG)
find_package(prometheus-cpp REQUIRED CONFIG)  # asks for civetweb, zlib and curl, although only core is linked
find_package(CLI11 REQUIRED CONFIG)
find_package(tomlplusplus REQUIRED CONFIG)
find_package(mimalloc REQUIRED CONFIG)
find_package(PkgConfig REQUIRED)
pkg_check_modules(BROTLI REQUIRED IMPORTED_TARGET GLOBAL libbrotlienc libbrotlidec)  # the second for the tests
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET GLOBAL libqrencode)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET GLOBAL libutf8proc)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET GLOBAL hiredis)  # its own CMake package breaks configuring on Debian
if(TALLYCAST_TESTS)
  find_package(GTest REQUIRED)
  # The system's own first: that is the one the distribution's python3-* packages belong to.
  find_program(TALLYCAST_PYTHON python3 HINTS /usr/bin REQUIRED)
endif()
if(TALLYCAST_BENCH)
  find_package(benchmark REQUIRED CONFIG)
endif()

# Asio, its TLS and Beast outside their templates, each compiled once for the whole program.
add_library(compiled_asio STATIC ${CMAKE_CURRENT_LIST_DIR}/asio_impl.cpp)
target_link_libraries(compiled_asio PUBLIC Boost::headers Threads::Threads)
add_library(compiled::asio ALIAS compiled_asio)

add_library(compiled_asio_ssl STATIC ${CMAKE_CURRENT_LIST_DIR}/asio_ssl_impl.cpp)
target_link_libraries(compiled_asio_ssl PUBLIC compiled::asio OpenSSL::SSL)
add_library(compiled::asio_ssl ALIAS compiled_asio_ssl)

add_library(compiled_beast STATIC ${CMAKE_CURRENT_LIST_DIR}/beast_impl.cpp)
target_link_libraries(compiled_beast PUBLIC compiled::asio)
add_library(compiled::beast ALIAS compiled_beast)
