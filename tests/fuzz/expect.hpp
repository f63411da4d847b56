#pragma once
// How a fuzz target says that a promise is broken: loudly, in every build.

#include <cstdio>
#include <cstdlib>

namespace tallycast::fuzz {

inline void expect(bool promise, const char* words) {
    if (promise) return;
    std::fprintf(stderr, "broken: %s\n", words);
    std::abort();
}

}  // namespace tallycast::fuzz
