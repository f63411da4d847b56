#include <tallycast/load/replay.hpp>

#include <charconv>
#include <fstream>
#include <iterator>

namespace tallycast::load {

namespace {

class replay_work final : public work {
public:
    replay_work(const request_file& requests, std::uint32_t begin, std::uint32_t end,
                replay_counts& counts)
        : requests_(requests), begin_(begin), end_(end), counts_(counts) {}

    std::uint32_t size() const override { return end_ - begin_; }

    question ask(std::uint32_t index) override {
        question asked;
        asked.what = question::kind::raw;
        asked.bytes = requests_.at(begin_ + index);
        return asked;
    }

    bool settle(std::uint32_t, const answer& what) override {
        if (what.status == 200 && what.word == "counted") ++counts_.counted;
        return true;
    }

private:
    const request_file& requests_;
    std::uint32_t begin_;
    std::uint32_t end_;
    replay_counts& counts_;
};

}  // namespace

bool write_requests(const std::string& file, const stage& where, const std::string& key_prefix,
                    const std::vector<std::string>& option_ids, const std::vector<plan>& crowd) {
    std::ofstream out(file, std::ios::binary);
    const auto speaks = make_http_protocol(where);
    std::string request;
    for (const auto& part : crowd) {
        for (std::uint32_t i = 0; i < part.book.size(); ++i) {
            const auto& what = part.book.at(i);
            const auto& who = part.book.voters[what.voter];
            if (what.is_change || who.token.empty()) continue;
            const auto key = key_prefix + std::to_string(who.number);
            request.clear();
            speaks->ask({question::kind::vote, who.token, key, option_ids[what.choice], {}},
                        request);
            out << request.size() << '\n' << request;
        }
    }
    out.flush();
    return out.good();
}

std::optional<request_file> request_file::read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return std::nullopt;
    request_file made;
    made.bytes_.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    for (std::size_t at = 0; at < made.bytes_.size();) {
        const auto line_end = made.bytes_.find('\n', at);
        if (line_end == std::string::npos) return std::nullopt;
        std::size_t length = 0;
        const auto [end, error] =
            std::from_chars(made.bytes_.data() + at, made.bytes_.data() + line_end, length);
        if (error != std::errc{} || end != made.bytes_.data() + line_end) return std::nullopt;
        if (length == 0 || made.bytes_.size() - line_end - 1 < length) return std::nullopt;
        made.places_.emplace_back(line_end + 1, length);
        at = line_end + 1 + length;
    }
    return made;
}

std::unique_ptr<work> make_replay_work(const request_file& requests, std::uint32_t begin,
                                       std::uint32_t end, replay_counts& counts) {
    return std::make_unique<replay_work>(requests, begin, end, counts);
}

}  // namespace tallycast::load
