#include <tallycast/base/error.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace tallycast::base {
namespace {

result<int> half(int of) {
    if (of % 2 != 0) return failure{errc::invalid_request, "odd"};
    return of / 2;
}

TEST(Result, Carries_a_value_or_a_failure) {
    EXPECT_EQ(half(4).value(), 2);
    const auto refused = half(3);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::invalid_request);
    EXPECT_EQ(refused.error().detail, "odd");
    EXPECT_FALSE(refused.error().retry_after);
}

TEST(Result, Unchecked_failure_is_a_bug_and_says_which) {
    try {
        static_cast<void>(half(3).value());
        FAIL() << "it had no value";
    } catch (const std::logic_error& bug) {
        EXPECT_NE(std::string(bug.what()).find("odd"), std::string::npos);
    }
}

TEST(Failure, Is_never_taken_for_success) {
    EXPECT_EQ(static_cast<int>(errc::malformed_json), 1);
    EXPECT_EQ(failure{}.code, errc::internal);
}

}  // namespace
}  // namespace tallycast::base
