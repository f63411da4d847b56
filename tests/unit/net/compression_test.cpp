#include <tallycast/net/compression.hpp>

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace tallycast::net {
namespace {

// As a browser reads it; nothing when it is no whole gzip.
std::string unpacked(const std::string& bytes, std::size_t longest) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string out(longest, '\0');
    std::string in = bytes;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const auto done = inflate(&stream, Z_FINISH);
    out.resize(done == Z_STREAM_END ? stream.total_out : 0);
    inflateEnd(&stream);
    return out;
}

std::string unbrotlied(const std::string& bytes, std::size_t longest) {
    std::string out(longest, '\0');
    const auto done =
        BrotliDecoderDecompress(bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                &longest, reinterpret_cast<std::uint8_t*>(out.data()));
    out.resize(done == BROTLI_DECODER_RESULT_SUCCESS ? longest : 0);
    return out;
}

std::string page_of_numbers() {
    std::string page;
    for (int i = 0; i < 500; ++i) page += "<li>Number " + std::to_string(i * i) + "</li>\n";
    return page;
}

TEST(Compression, By_brotli_too_and_smaller) {
    const auto page = page_of_numbers();
    const auto packed = brotlied(page);
    EXPECT_LT(packed.size(), gzipped(page).size());
    EXPECT_EQ(unbrotlied(packed, page.size()), page);
}

TEST(Compression, What_is_packed_is_what_is_unpacked) {
    const auto page = page_of_numbers();
    const auto packed = gzipped(page);
    EXPECT_LT(packed.size(), page.size() / 3);
    EXPECT_EQ(unpacked(packed, page.size() + 1), page);
}

TEST(Compression, Nothing_and_what_cannot_shrink_are_packed_too) {
    std::string noise;
    std::uint32_t state = 1;
    for (int i = 0; i < 5000; ++i)
        noise += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    for (const auto& bytes : {std::string{}, std::string{"x"}, noise}) {
        EXPECT_EQ(unpacked(gzipped(bytes), bytes.size() + 1), bytes) << bytes.size();
        EXPECT_EQ(unbrotlied(brotlied(bytes), bytes.size()), bytes) << bytes.size();
    }
}

}  // namespace
}  // namespace tallycast::net
