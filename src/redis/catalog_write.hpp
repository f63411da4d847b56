#pragma once
// One write of the catalog as the function `define` wants it: what must be as believed, what is
// written then, and what is told to every node. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace tallycast::redis {

class catalog_write {
public:
    // The field has this value; without one it must not be there.
    catalog_write& is(std::string_view hash, std::string_view field,
                      const std::optional<std::string>& value);
    catalog_write& below(std::string_view hash, std::string_view field, std::uint64_t limit);

    // What belongs to this tenant or event (`member` of its row) is as it was when the change
    // `since` was the last one: nothing of it was made or changed after it.
    catalog_write& untouched(std::string_view since, std::string_view member, std::string_view id);

    catalog_write& set(std::string_view hash, std::string_view field, std::string_view value);
    catalog_write& remove(std::string_view hash, std::string_view field);
    catalog_write& add(std::string_view hash, std::string_view field, std::int64_t number);

    catalog_write& tell(std::string_view kind, std::string_view a, std::string_view b = {});

    // It ends or removes something, so that a server whose memory is full takes it as well.
    catalog_write& though_full() {
        function_ = "tallycast1_define_though_full";
        return *this;
    }
    const char* function() const noexcept {
        return owner_.empty() ? function_ : "tallycast1_define_untouched";
    }

    // Which check is the n-th, from 1, as `define` counts: that of a limit?
    bool is_limit(std::int64_t check) const;

    bool empty() const noexcept { return writes_.empty(); }
    std::string text() const;
    // What `define_untouched` wants besides; empty where `define` will do.
    const std::vector<std::string>& owner() const noexcept { return owner_; }

private:
    std::vector<std::string> owner_;
    const char* function_ = "tallycast1_define";
    nlohmann::json checks_ = nlohmann::json::array();
    nlohmann::json writes_ = nlohmann::json::array();
    nlohmann::json changes_ = nlohmann::json::array();
};

}  // namespace tallycast::redis
