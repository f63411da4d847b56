#include <support/set_calendar.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>

namespace tallycast::test {

std::string set_clock_library() {
    const auto program = std::filesystem::read_symlink("/proc/self/exe");
    return (program.parent_path() / "set_clock.so").string();
}

set_calendar::set_calendar() : file_(folder_.path() + "/now") { show({}); }

// In place: the server has the file mapped.
void set_calendar::show(base::wall_time now) {
    const std::int64_t micros =
        std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
    const auto mode = std::filesystem::exists(file_) ? std::ios::in | std::ios::out : std::ios::out;
    std::fstream out(file_, mode | std::ios::binary);
    out.write(reinterpret_cast<const char*>(&micros), sizeof micros);
}

}  // namespace tallycast::test
