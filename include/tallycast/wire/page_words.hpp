#pragma once
// The pages' own words in the reader's language. The English text is the name of each: what a
// language does not know is said in English. Pure.

#include <cstdint>
#include <string_view>

namespace tallycast::wire {

enum class page_language : std::uint8_t { english, german };

// The one of ours that an Accept-Language wants most; English where it wants none of them.
page_language language_of(std::string_view accept_language);

// As `lang` attributes name it.
std::string_view tag_of(page_language language);

std::string_view said(page_language language, std::string_view english);

}  // namespace tallycast::wire
