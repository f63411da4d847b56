#pragma once
// The calendar of a server that preloads preload/set_clock.cpp: a file of 8 bytes.

#include <support/temporary_folder.hpp>

#include <tallycast/base/time.hpp>

#include <string>

namespace tallycast::test {

// Beside the test's own program.
std::string set_clock_library();

class set_calendar {
public:
    set_calendar();  // shows the true time
    const std::string& file() const noexcept { return file_; }
    void show(base::wall_time now);

private:
    temporary_folder folder_;
    std::string file_;
};

}  // namespace tallycast::test
