#pragma once
// A file of the tree in the program. g++ 12 has no #embed; the assembler has.
//
//   TALLYCAST_EMBEDDED_FILE(openapi_file, "/path/of/openapi.yaml")   // at the top level of one
//   source const std::string_view all = openapi_file();
//
// `name` is unique in the program. The bytes live as long as it does.

#include <cstddef>
#include <string_view>

#define TALLYCAST_EMBEDDED_FILE(name, path)                                                     \
    __asm__(                                                                                    \
        ".section .rodata\n"                                                                    \
        ".global tallycast_" #name                                                              \
        "_begin\n"                                                                              \
        ".global tallycast_" #name                                                              \
        "_end\n"                                                                                \
        "tallycast_" #name                                                                      \
        "_begin:\n"                                                                             \
        ".incbin \"" path                                                                       \
        "\"\n"                                                                                  \
        "tallycast_" #name                                                                      \
        "_end:\n"                                                                               \
        ".byte 0\n"                                                                             \
        ".text\n");                                                                             \
    extern "C" {                                                                                \
    extern const char tallycast_##name##_begin;                                                 \
    extern const char tallycast_##name##_end;                                                   \
    }                                                                                           \
    static std::string_view name() {                                                            \
        return {&tallycast_##name##_begin,                                                      \
                static_cast<std::size_t>(&tallycast_##name##_end - &tallycast_##name##_begin)}; \
    }
