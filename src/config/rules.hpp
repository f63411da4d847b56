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

// A key that somebody may guess: too short, or one byte over and over.
bool is_weak_key(std::string_view key);
// How to make another, as a person types it.
inline constexpr std::string_view how_to_make_a_key = "`openssl rand -hex 32` makes one";
inline constexpr std::string_view how_to_make_a_token_key =
    "`echo \"k1:$(openssl rand -hex 32)\"` makes one";

// Settles what depends on more than one option (keys from files, the durability of ":memory:").
std::vector<bad_option> settle(draft& d, const chosen_texts& chosen);

}  // namespace tallycast::config
