#pragma once
// Typed reading of one JSON object's members. The first thing that does not fit is kept as the
// failure, naming the member with its path; after it everything reads as absent, so a body's reader
// is a plain list of its members.

#include <tallycast/base/error.hpp>
#include <tallycast/base/time.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace tallycast::wire {

struct text_rule {
    std::size_t max_characters = 200;
    bool may_be_empty = false;
};

class member_reader {
public:
    // `path` stands before the members' names: empty for the body itself, "rules." for its rules.
    // Members not in `known` are an unknown_field at once.
    member_reader(const nlohmann::json& object, std::string path,
                  std::initializer_list<std::string_view> known,
                  std::optional<base::failure>& failed);

    bool has(std::string_view name) const { return find(name) != nullptr; }

    // Text of people, in NFC. `text` is required.
    std::string text(std::string_view name, text_rule rule);
    std::optional<std::string> optional_text(std::string_view name, text_rule rule);
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t least,
                                        std::int64_t most);
    std::optional<bool> truth(std::string_view name);
    // Absent, null or a time.
    std::optional<std::optional<base::wall_time>> time(std::string_view name);
    // Null when absent or of another kind.
    const nlohmann::json* object(std::string_view name);
    const nlohmann::json* array(std::string_view name);
    bool is_null(std::string_view name) const;

    void refuse(std::string_view name, std::string_view why);

private:
    const nlohmann::json* find(std::string_view name) const;

    const nlohmann::json& object_;
    std::string path_;
    std::optional<base::failure>& failed_;
};

}  // namespace tallycast::wire
