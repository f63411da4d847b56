#pragma once
// Whether a node wants people, and in words why not; pure.

#include <string>

namespace tallycast::server {

struct readiness {
    bool draining = false;
    bool store_ready = true;
    std::string store_trouble = {};  // what is wrong with it, ready or not
    bool threads_alive = true;
    double pressure = 0;  // of the busiest thread, as admission has it

    // The first that speaks against it; empty: ready.
    std::string not_because() const;

    // All of it, a line each: `<what>: ok` or what is wrong, the pressure, and for each class of
    // work whether the busiest thread takes it on.
    std::string report() const;
};

}  // namespace tallycast::server
