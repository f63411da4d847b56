// Percent decoding of paths, queries and forms: what is decoded, encoded again, decodes to the
// same; it is UTF-8 without control characters; and the bounds hold.

#include <tallycast/wire/percent.hpp>

#include <fuzz/expect.hpp>
#include <fuzz/ws_model.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

using namespace tallycast;
using fuzz::expect;

namespace {

std::string encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', digits[byte / 16], digits[byte % 16]};
    }
    return out;
}

std::string encoded(const wire::name_value_pairs& pairs) {
    std::string out;
    for (const auto& [name, value] : pairs) out += encoded(name) + '=' + encoded(value) + '&';
    return out;
}

bool is_plain(std::string_view text) {
    return fuzz::naive_utf8(text, true) &&
           std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

void expect_names(const wire::name_value_pairs& pairs, std::size_t most) {
    expect(pairs.size() <= most, "the pairs are bounded");
    for (const auto& [name, value] : pairs) {
        expect(!name.empty() && is_plain(name), "a name is plain text");
        expect(fuzz::naive_utf8(value, true) && value.find('\0') == std::string::npos,
               "a value is text");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto segment = wire::decode_segment(text)) {
        expect(is_plain(*segment), "a segment is plain text");
        expect(wire::decode_segment(encoded(*segment)).value() == *segment,
               "a segment survives being encoded");
        if (text.find('%') == std::string::npos)
            expect(*segment == text, "nothing but percent is decoded");
    }
    if (const auto query = wire::read_query(text)) {
        expect_names(*query, wire::max_query_pairs);
        std::set<std::string> names;
        for (const auto& [name, value] : *query) {
            expect(names.insert(name).second, "a query's names are single");
            expect(is_plain(value), "a query's value is plain text");
        }
        expect(wire::read_query(encoded(*query)).value() == *query,
               "a query survives being encoded");
    }
    if (const auto form = wire::read_form(text)) {
        expect_names(*form, wire::max_form_pairs);
        expect(wire::read_form(encoded(*form)).value() == *form, "a form survives being encoded");
    }
    return 0;
}
