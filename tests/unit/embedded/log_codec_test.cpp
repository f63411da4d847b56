#include <tallycast/embedded/log_codec.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace tallycast::embedded {

namespace {

using row = std::vector<std::byte>;

row bytes_of(std::initializer_list<int> values) {
    row r;
    for (const int v : values) r.push_back(static_cast<std::byte>(v));
    return r;
}

// The actions read; nothing when the row does not parse.
std::optional<std::vector<logged_action>> read(const row& r) {
    std::vector<logged_action> actions;
    if (!parse_actions(r, [&](const logged_action& a) { actions.push_back(a); }))
        return std::nullopt;
    return actions;
}

TEST(Log_codec, Row_has_the_documented_bytes) {
    row r;
    append_action(r, {base::voter_number{300}, domain::ballot{2}, 0x04030201});
    append_action(r, {base::voter_number{1}, domain::ballot{}, 0});
    EXPECT_EQ(r, bytes_of({1, 0xac, 0x02, 2, 1, 2, 3, 4, 1, 0, 0, 0, 0, 0}));
}

TEST(Log_codec, What_is_written_is_read_again) {
    std::mt19937_64 random(7);
    std::vector<logged_action> actions{
        {base::voter_number{~std::uint64_t{0}}, domain::ballot{~std::uint64_t{0}}, ~0u}};
    for (int i = 0; i < 1000; ++i) {
        const auto width = random() % 64;
        actions.push_back({base::voter_number{(random() >> width) | 1},
                           domain::ballot{random() >> (random() % 64)},
                           static_cast<std::uint32_t>(random())});
    }
    row r;
    for (const auto& a : actions) append_action(r, a);
    EXPECT_EQ(read(r), actions);
}

TEST(Log_codec, Row_that_breaks_the_grammar_is_refused) {
    const struct {
        const char* name;
        row bytes;
    } cases[] = {
        {"empty", {}},
        {"a format and nothing else", bytes_of({1})},
        {"another format", bytes_of({2, 1, 1, 0, 0, 0, 0})},
        {"nobody's ballot", bytes_of({1, 0, 1, 0, 0, 0, 0})},
        {"a longer form than needed", bytes_of({1, 0x81, 0x00, 1, 0, 0, 0, 0})},
        {"more than 64 bits",
         bytes_of({1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 1, 0, 0, 0, 0})},
        {"no end of a number",
         bytes_of({1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1})},
    };
    for (const auto& c : cases) EXPECT_FALSE(read(c.bytes)) << c.name;
}

TEST(Log_codec, Row_cut_inside_an_action_is_refused) {
    row r;
    append_action(r, {base::voter_number{5000}, domain::ballot{300}, 9});
    append_action(r, {base::voter_number{5001}, domain::ballot{300}, 9});
    const auto action = (r.size() - 1) / 2;
    for (std::size_t length = 0; length < r.size(); ++length) {
        const row cut(r.begin(), r.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_EQ(read(cut).has_value(), length == 1 + action) << length;
    }
}

TEST(Log_codec, Garbage_is_read_to_its_end_or_refused) {
    std::mt19937 random(3);
    for (int i = 0; i < 20'000; ++i) {
        row r{log_format};
        for (auto left = random() % 40; left > 0; --left)
            r.push_back(static_cast<std::byte>(random()));
        const auto actions = read(r);
        if (!actions) continue;
        row again;
        for (const auto& a : *actions) append_action(again, a);
        EXPECT_EQ(again, r) << "one row has one meaning";
    }
}

}  // namespace

}  // namespace tallycast::embedded
