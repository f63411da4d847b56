#include <redis/command.hpp>

#include <gtest/gtest.h>

#include <limits>

using namespace tallycast::redis;
using namespace std::string_literals;

namespace {

TEST(Command, Is_written_as_an_array_of_its_words) {
    EXPECT_EQ(command({"GET", "key"}).encoded(), "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n");
    EXPECT_EQ(command({"PING"}).name(), "PING");
}

TEST(Command, Words_are_any_bytes) {
    command set{"SET", "a b\r\n"};
    set.add("\0\xff$"s).add("").add(-7).add(std::numeric_limits<std::int64_t>::min()).add(8u);
    EXPECT_EQ(set.encoded(),
              "*7\r\n$3\r\nSET\r\n$5\r\na b\r\n\r\n$3\r\n\0\xff$\r\n$0\r\n\r\n$2\r\n-7\r\n"
              "$20\r\n-9223372036854775808\r\n$1\r\n8\r\n"s);
}

TEST(Command, A_pipeline_is_one_after_the_other) {
    const pipeline both{command{"A"}, command{"B", "c"}};
    EXPECT_EQ(encoded(both), "*1\r\n$1\r\nA\r\n*2\r\n$1\r\nB\r\n$1\r\nc\r\n");
    EXPECT_GE(weight(both), encoded(both).size());
}

}  // namespace
