#pragma once
// The frame every body's reader stands in.

#include "member_reader.hpp"
#include "strict_json.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace tallycast::wire {

enum class empty_body : bool { refused, is_empty_object };

// In a patch null puts a member back to its default (RFC 7396); elsewhere null is of no type.
enum class body_kind : bool { whole, patch };

inline bool resets(const member_reader& from, std::string_view name, body_kind kind) {
    return kind == body_kind::patch && from.is_null(name);
}

// Parses the body and hands it to `read(json, failed)`, which answers the value and says what
// failed.
template <class Read>
auto read_body(std::string_view text, empty_body empty, Read read)
    -> base::result<decltype(read(std::declval<const nlohmann::json&>(),
                                  std::declval<std::optional<base::failure>&>()))> {
    if (text.empty() && empty == empty_body::is_empty_object) text = "{}";
    nlohmann::json body;
    auto failed = parse_strictly(text, body);
    if (failed) return *failed;
    auto value = read(body, failed);
    if (failed) return *failed;
    return value;
}

}  // namespace tallycast::wire
