#pragma once
// What options demand of each other, once each of them is good by itself.

#include "sources.hpp"

namespace tallycast::config {

// `where` answers where an option came from ("default" when from nowhere).
class chosen_texts {
public:
    explicit chosen_texts(std::map<std::string_view, given_text> chosen)
        : chosen_(std::move(chosen)) {}

    const given_text* find(std::string_view name) const {
        const auto found = chosen_.find(name);
        return found == chosen_.end() ? nullptr : &found->second;
    }
    std::string where(std::string_view name) const {
        const auto* found = find(name);
        return found == nullptr ? "default" : found->where;
    }

private:
    std::map<std::string_view, given_text> chosen_;
};

// Settles what depends on more than one option (keys from files, the durability of ":memory:").
std::vector<bad_option> settle(draft& d, const chosen_texts& chosen);

}  // namespace tallycast::config
