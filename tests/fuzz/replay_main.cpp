// Runs a fuzz target over stored inputs where libFuzzer is not at hand: every file named, and every
// file in the folders named. A target that finds a fault aborts.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

bool replay(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        std::fprintf(stderr, "cannot read %s\n", file.c_str());
        return false;
    }
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in),
                                  std::istreambuf_iterator<char>()};
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    int replayed = 0;
    bool all_read = true;
    const auto run = [&](const fs::path& file) {
        all_read = replay(file) && all_read;
        ++replayed;
    };
    for (int i = 1; i < argc; ++i) {
        const fs::path given = argv[i];
        if (!fs::is_directory(given)) {
            run(given);
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator(given)) {
            if (entry.is_regular_file()) run(entry.path());
        }
    }
    std::printf("%d inputs replayed\n", replayed);
    // A target without a single input proves nothing.
    return all_read && replayed > 0 ? 0 : 1;
}
