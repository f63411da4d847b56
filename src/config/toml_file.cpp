#include "sources.hpp"
#include "text_file.hpp"

// Without this, toml++ 3.3 ends the process on some files that are no TOML, instead of saying so.
#define TOML_ASSERT(condition) static_cast<void>(0)
#include <toml++/toml.h>

#include <algorithm>
#include <optional>

namespace tallycast::config {

namespace {

bool has_controls(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](unsigned char c) { return c < ' ' && c != '\n' && c != '\t'; });
}

// The option's text as a flag would give it; nothing when the node is of no kind that options have.
std::optional<std::string> scalar_text(const toml::node& node) {
    if (const auto* text = node.as_string())
        return has_controls(text->get()) ? std::nullopt : std::optional(text->get());
    if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "on" : "off";
    if (const auto* number = node.as_floating_point()) return show_number(number->get());
    return std::nullopt;
}

std::optional<std::string> text_of(const toml::node& node) {
    const auto* items = node.as_array();
    if (items == nullptr) return scalar_text(node);
    std::string joined;
    for (const auto& item : *items) {
        const auto text = scalar_text(item);
        if (!text || text->empty() || text->find(',') != std::string::npos) return std::nullopt;
        joined += (joined.empty() ? "" : ",") + *text;
    }
    return joined;
}

void take(std::string_view key, const toml::node& node, const std::string& where, source& into) {
    const auto refuse = [&](std::string why) {
        into.bad.push_back({std::string(key), where, std::move(why)});
    };
    const option* o = find_option(key);
    if (node.is_table())
        return refuse("is a section; options stand at the top of the file, without sections");
    if (o == nullptr) {
        const std::string near = nearest_option(key);
        return refuse(near.empty() ? "is not an option"
                                   : "is not an option; did you mean " + near + "?");
    }
    if (o->is(not_in_file)) return refuse("cannot stand in the file");
    if (node.is_array() && !o->value.is_list && !o->is(secret))
        return refuse("takes one value, not a list");
    auto text = text_of(node);
    if (!text) return refuse("needs a value of the kind: " + o->value.words);
    if (text->empty()) return;  // as good as none, like an empty variable
    if (!into.values.emplace(o->name, given_text{std::move(*text), where}).second)
        refuse("stands twice, once with dashes and once with underscores");
}

std::string place(const std::string& path, const toml::source_region& region) {
    return path + ':' + std::to_string(region.begin.line);
}

// The line of the first character beyond ASCII that stands neither in quotes nor in a comment; 0
// when there is none. TOML allows none there, but toml++ 3.3 reads past its tables on some of them.
std::size_t line_of_stray_character(std::string_view text) {
    std::size_t line = 1;
    char quote = 0;
    bool comment = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') {
            ++line;
            comment = false;
        } else if (comment) {
            continue;
        } else if (quote == '"' && c == '\\') {
            ++i;
        } else if (c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote == 0 && c == '#') {
            comment = true;
        } else if (quote == 0 && static_cast<unsigned char>(c) >= 0x80) {
            return line;
        }
    }
    return 0;
}

}  // namespace

source read_file(const std::string& path) {
    source found;
    const auto content = read_text_file(path);
    if (!content) {
        found.bad.push_back({"--config", path, content.error().detail});
        return found;
    }
    if (const auto line = line_of_stray_character(*content); line != 0) {
        found.bad.push_back({"--config", path + ':' + std::to_string(line),
                             "a character beyond ASCII stands outside of quotes"});
        return found;
    }
    try {
        const toml::table table = toml::parse(*content, path);
        for (const auto& [key, node] : table)
            take(key.str(), node, place(path, key.source()), found);
    } catch (const toml::parse_error& e) {
        found.bad.push_back({"--config", place(path, e.source()), std::string(e.description())});
    }
    // The table is ordered by name; people read by line.
    std::stable_sort(found.bad.begin(), found.bad.end(),
                     [](const bad_option& a, const bad_option& b) {
                         return a.where.size() != b.where.size() ? a.where.size() < b.where.size()
                                                                 : a.where < b.where;
                     });
    return found;
}

}  // namespace tallycast::config
