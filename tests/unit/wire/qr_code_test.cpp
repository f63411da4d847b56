#include <tallycast/wire/qr_code.hpp>

#include <gtest/gtest.h>

#include <cstdio>

namespace tallycast::test {

using wire::qr_code;

namespace {

// What a browser would paint of the path, as rows of dark modules.
std::vector<std::vector<bool>> painted(const qr_code& code) {
    const auto size = static_cast<std::size_t>(code.size());
    std::vector rows(size, std::vector<bool>(size));
    const auto path = code.path();
    for (std::size_t at = 0; at < path.size(); at = path.find('M', at + 1)) {
        unsigned x = 0, y = 0, run = 0, back = 0;
        const auto read = std::sscanf(path.c_str() + at, "M%u %uh%uv1h-%uz", &x, &y, &run, &back);
        EXPECT_EQ(read, 4) << path.substr(at, 20);
        EXPECT_EQ(run, back);
        for (unsigned i = 0; i < run; ++i) rows.at(y).at(x + i) = true;
    }
    return rows;
}

}  // namespace

TEST(Qr_code, Has_its_three_finders_in_a_quiet_zone) {
    const auto code = qr_code::of("http://192.0.2.17:8080/K7PQ4X");
    ASSERT_TRUE(code);
    const int far = code->size() - 7;
    for (const auto& [left, top] : {std::pair{0, 0}, std::pair{far, 0}, std::pair{0, far}}) {
        for (int i = 0; i < 7; ++i) EXPECT_TRUE(code->dark(left + i, top));
        for (int i = 1; i < 6; ++i) EXPECT_FALSE(code->dark(left + i, top + 1));
        EXPECT_TRUE(code->dark(left + 3, top + 3));
    }
    EXPECT_FALSE(code->dark(-1, 0));
    EXPECT_FALSE(code->dark(code->size(), 0));
}

TEST(Qr_code, Path_paints_exactly_the_dark_modules) {
    const auto code = qr_code::of("https://vote.example/K7PQ4X");
    ASSERT_TRUE(code);
    const auto rows = painted(*code);
    for (int y = 0; y < code->size(); ++y)
        for (int x = 0; x < code->size(); ++x)
            EXPECT_EQ(rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)],
                      code->dark(x, y))
                << x << ' ' << y;
}

TEST(Qr_code, Is_none_for_a_text_too_long) { EXPECT_FALSE(qr_code::of(std::string(5000, 'x'))); }

}  // namespace tallycast::test
