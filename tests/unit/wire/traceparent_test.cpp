#include <tallycast/wire/traceparent.hpp>

#include <gtest/gtest.h>

namespace tallycast::wire {
namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string span = "00f067aa0ba902b7";

TEST(Traceparent, Is_read_and_written_as_it_was) {
    for (const std::string& text :
         {"00-" + trace + '-' + span + "-01", "00-" + trace + '-' + span + "-00"}) {
        const auto context = read_traceparent(text);
        ASSERT_TRUE(context) << text;
        EXPECT_EQ(context->sampled, text.back() == '1');
        EXPECT_EQ(context->trace[0], 0x4b);
        EXPECT_EQ(context->span[7], 0xb7);
        EXPECT_EQ(write_traceparent(*context), text);
    }
}

TEST(Traceparent, Of_a_later_version_the_beginning_counts) {
    const auto context = read_traceparent("cc-" + trace + '-' + span + "-03-what-comes-then");
    ASSERT_TRUE(context);
    EXPECT_TRUE(context->sampled);
}

TEST(Traceparent, Whatever_else_is_none) {
    const std::string good = "00-" + trace + '-' + span + "-01";
    for (std::size_t cut = 0; cut < good.size(); ++cut)
        EXPECT_FALSE(read_traceparent(good.substr(0, cut))) << cut;
    for (std::size_t at = 0; at < good.size(); ++at)
        for (const char wrong : {'g', 'A', ' ', '\0'}) {
            auto text = good;
            text[at] = wrong;
            EXPECT_FALSE(read_traceparent(text)) << at << wrong;
        }
    for (const std::string& text :
         {"ff-" + trace + '-' + span + "-01", good + "-more", good + "0",
          "01-" + trace + '-' + span + "-01x", "00-" + std::string(32, '0') + '-' + span + "-01",
          "00-" + trace + '-' + std::string(16, '0') + "-01"})
        EXPECT_FALSE(read_traceparent(text)) << text;
}

}  // namespace
}  // namespace tallycast::wire
