#pragma once
// JSON written straight into a string, for the writers of this module. Names are literals of ours
// and stand as they are; texts are UTF-8 and are escaped.

#include <tallycast/base/time.hpp>

#include <charconv>
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tallycast::wire {

void append_quoted(std::string& out, std::string_view text);

template <std::integral Number>
void append_number(std::string& out, Number value) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

template <class Number>
void append_numbers(std::string& out, std::span<const Number> values) {
    char before = '[';
    for (const auto value : values) {
        out += before;
        append_number(out, value);
        before = ',';
    }
    out += before == '[' ? "[]" : "]";
}

// "[…]" of texts that are JSON already.
void append_array(std::string& out, std::span<const std::string> items);

// One JSON object, member after member. Writes its opening brace at once and its closing one at
// close().
class object_writer {
public:
    explicit object_writer(std::string& out) : out_(out) { out_ += '{'; }

    // The name and its colon; the value is appended by the caller.
    std::string& value_of(std::string_view name);

    object_writer& text(std::string_view name, std::string_view value);
    object_writer& raw(std::string_view name, std::string_view json);
    object_writer& truth(std::string_view name, bool value) {
        return raw(name, value ? "true" : "false");
    }
    object_writer& null(std::string_view name) { return raw(name, "null"); }
    object_writer& time(std::string_view name, base::wall_time value);
    object_writer& time(std::string_view name, const std::optional<base::wall_time>& value);
    object_writer& array(std::string_view name, std::span<const std::string> items);

    template <std::integral Number>
    object_writer& number(std::string_view name, Number value) {
        append_number(value_of(name), value);
        return *this;
    }

    void close() { out_ += '}'; }

private:
    std::string& out_;
    bool first_ = true;
};

}  // namespace tallycast::wire
