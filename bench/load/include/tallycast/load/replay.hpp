#pragma once
// Requests written to a file beforehand and sent once each, to compare two servers by the same
// bytes. The file: each request preceded by its length in decimal and a line feed.

#include <tallycast/load/plan.hpp>
#include <tallycast/load/protocol.hpp>
#include <tallycast/load/pump.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::load {

// The first ballot of every voter who has joined, as vote requests. False when the file cannot be
// written.
bool write_requests(const std::string& file, const stage& where, const std::string& key_prefix,
                    const std::vector<std::string>& option_ids, const std::vector<plan>& crowd);

class request_file {
public:
    // None when the file cannot be read or is not of this form.
    static std::optional<request_file> read(const std::string& file);

    std::uint32_t size() const { return static_cast<std::uint32_t>(places_.size()); }
    std::string_view at(std::uint32_t index) const {
        return std::string_view(bytes_).substr(places_[index].first, places_[index].second);
    }

private:
    std::string bytes_;
    std::vector<std::pair<std::size_t, std::size_t>> places_;  // offset and length
};

struct replay_counts {
    std::uint64_t counted = 0;  // answers of 200 with the status `counted`
};

// Any answer settles a request: nothing is sent twice unless its connection broke.
std::unique_ptr<work> make_replay_work(const request_file& requests, std::uint32_t begin,
                                       std::uint32_t end, replay_counts& counts);

}  // namespace tallycast::load
