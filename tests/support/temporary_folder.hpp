#pragma once
// A folder that is gone when the test is.

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace tallycast::test {

class temporary_folder {
public:
    temporary_folder()
        : path_((std::filesystem::temp_directory_path() / "tallycast-unit-XXXXXX").string()) {
        if (!::mkdtemp(path_.data())) throw std::runtime_error("no temporary folder");
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    const std::string& path() const noexcept { return path_; }
    std::string file() const { return path_ + "/tallycast.db"; }

private:
    std::string path_;
};

}  // namespace tallycast::test
