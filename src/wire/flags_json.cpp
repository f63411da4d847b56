#include <tallycast/wire/flags_json.hpp>

#include "body_of.hpp"
#include "json_text.hpp"

#include <vector>

namespace tallycast::wire {

namespace {

using nlohmann::json;

constexpr std::size_t longest_text = 500;

void append_value(std::string& out, const domain::flag_value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) append_quoted(out, *text);
    else out += domain::text_of(value);
}

template <class Write>
std::vector<std::string> each(std::span<const flag_view> flags, Write write) {
    std::vector<std::string> items;
    items.reserve(flags.size());
    for (const auto& flag : flags) items.push_back(write(flag));
    return items;
}

}  // namespace

std::string write_flag(const flag_view& flag) {
    const auto& kind = domain::kind_of(flag.which);
    std::string out;
    object_writer to{out};
    to.text("name", kind.name);
    append_value(to.value_of("value"), flag.value);
    append_value(to.value_of("default"), flag.own_value);
    to.truth("set", flag.is_set).time("changed_at", flag.changed_at);
    to.text("meaning", kind.meaning).close();
    return out;
}

std::string write_flags(std::span<const flag_view> flags) {
    std::string out;
    object_writer to{out};
    to.array("items", each(flags, write_flag)).close();
    return out;
}

base::result<flag_change> read_flag_change(std::string_view text) {
    return read_body(
        text, empty_body::refused, [](const json& body, std::optional<base::failure>& failed) {
            member_reader from{body, "", {"value"}, failed};
            flag_change change;
            if (failed) return change;
            if (!from.has("value")) {
                from.refuse("value", "this member is needed.");
            } else if (const auto& value = body.at("value"); value.is_boolean()) {
                change.value = value.get<bool>();
            } else if (value.is_number()) {
                change.value = value.get<double>();
            } else if (value.is_string()) {
                change.value = from.optional_text("value", {longest_text, true}).value_or("");
            } else if (!value.is_null()) {
                from.refuse("value", "true, false, a number, a text or null.");
            }
            return change;
        });
}

base::result<void> read_evaluation(std::string_view text) {
    if (text.empty()) return {};
    json body;
    if (auto wrong = parse_strictly(text, body)) return std::move(*wrong);
    const auto context = body.is_object() ? body.find("context") : body.end();
    if (!body.is_object() || (context != body.end() && !context->is_object()))
        return base::failure{base::errc::malformed_json, "An object with a context is expected."};
    return {};
}

std::string write_evaluation(const flag_view& flag) {
    const auto& kind = domain::kind_of(flag.which);
    std::string out;
    object_writer to{out};
    to.text("key", kind.name);
    append_value(to.value_of("value"), flag.value);
    to.text("reason", flag.is_set ? "STATIC" : "DEFAULT");
    object_writer about{to.value_of("metadata")};
    about.text("description", kind.meaning).close();
    to.close();
    return out;
}

std::string write_evaluations(std::span<const flag_view> flags) {
    std::string out;
    object_writer to{out};
    to.array("flags", each(flags, write_evaluation)).close();
    return out;
}

std::string write_evaluation_error(std::string_view key, std::string_view code,
                                   std::string_view details) {
    std::string out;
    object_writer to{out};
    if (!key.empty()) to.text("key", key);
    to.text("errorCode", code).text("errorDetails", details).close();
    return out;
}

}  // namespace tallycast::wire
