#include "member_reader.hpp"

#include <tallycast/wire/time.hpp>

#include "plain_text.hpp"

#include <algorithm>

namespace tallycast::wire {

using nlohmann::json;

member_reader::member_reader(const json& object, std::string path,
                             std::initializer_list<std::string_view> known,
                             std::optional<base::failure>& failed)
    : object_(object), path_(std::move(path)), failed_(failed) {
    if (failed_) return;
    if (!object_.is_object()) {
        failed_ = base::failure{
            base::errc::invalid_request,
            path_.empty() ? "A JSON object is expected."
                          : path_.substr(0, path_.size() - 1) + ": an object is expected."};
        return;
    }
    for (const auto& [name, value] : object_.items()) {
        if (std::ranges::find(known, std::string_view(name)) != known.end()) continue;
        failed_ = base::failure{base::errc::unknown_field,
                                "There is no field \"" + path_ + shortened(name) + "\"."};
        return;
    }
}

void member_reader::refuse(std::string_view name, std::string_view why) {
    if (failed_) return;
    failed_ = base::failure{base::errc::invalid_request,
                            path_ + std::string(name) + ": " + std::string(why)};
}

const json* member_reader::find(std::string_view name) const {
    if (failed_ || !object_.is_object()) return nullptr;
    const auto at = object_.find(name);
    return at == object_.end() ? nullptr : &*at;
}

std::string member_reader::text(std::string_view name, text_rule rule) {
    if (!has(name)) refuse(name, "this member is needed.");
    return optional_text(name, rule).value_or("");
}

std::optional<std::string> member_reader::optional_text(std::string_view name, text_rule rule) {
    const json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) return refuse(name, "a string is expected."), std::nullopt;
    const auto& typed = value->get_ref<const std::string&>();
    if (const auto fault = fault_of_text(typed); !fault.empty())
        return refuse(name, "the text " + std::string(fault) + '.'), std::nullopt;
    auto text = composed(typed);
    if (!rule.may_be_empty && look_of(text).empty())
        return refuse(name, "the text is empty."), std::nullopt;
    // A character takes four bytes at most, so this bounds the bytes too.
    if (characters_of(text) > rule.max_characters)
        return refuse(name, "at most " + std::to_string(rule.max_characters) + " characters."),
               std::nullopt;
    return text;
}

std::optional<std::int64_t> member_reader::integer(std::string_view name, std::int64_t least,
                                                   std::int64_t most) {
    const json* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto expected =
        "a whole number from " + std::to_string(least) + " to " + std::to_string(most) + '.';
    const bool too_large = value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX;
    if (!value->is_number_integer() || too_large) return refuse(name, expected), std::nullopt;
    const auto number = value->get<std::int64_t>();
    if (number < least || number > most) return refuse(name, expected), std::nullopt;
    return number;
}

std::optional<bool> member_reader::truth(std::string_view name) {
    const json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_boolean()) return refuse(name, "true or false is expected."), std::nullopt;
    return value->get<bool>();
}

std::optional<std::optional<base::wall_time>> member_reader::time(std::string_view name) {
    const json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_null()) return std::optional<base::wall_time>{};
    const auto read =
        value->is_string() ? parse_rfc3339(value->get_ref<const std::string&>()) : std::nullopt;
    if (!read)
        return refuse(name, "a time like 2026-01-01T20:00:00Z, or null, is expected."),
               std::nullopt;
    return read;
}

const json* member_reader::object(std::string_view name) {
    const json* value = find(name);
    if (value == nullptr || value->is_object()) return value;
    refuse(name, "an object is expected.");
    return nullptr;
}

const json* member_reader::array(std::string_view name) {
    const json* value = find(name);
    if (value == nullptr || value->is_array()) return value;
    refuse(name, "a list is expected.");
    return nullptr;
}

bool member_reader::is_null(std::string_view name) const {
    const json* value = find(name);
    return value != nullptr && value->is_null();
}

}  // namespace tallycast::wire
