#pragma once
// HTML written straight into a string. `raw` is for literals of ours, `text` for everything else.

#include <tallycast/base/time.hpp>
#include <tallycast/wire/page_words.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tallycast::wire {

class markup {
public:
    explicit markup(page_language language) : language_(language) {}

    markup& raw(std::string_view html) {
        out_.append(html);
        return *this;
    }
    // Words of ours, in the page's language.
    markup& say(std::string_view english) { return raw(said(language_, english)); }
    // Escaped for text and for attributes in double quotes.
    markup& text(std::string_view text);
    markup& number(std::uint64_t value);
    // "1 vote", "2 votes"; the singular is a word of ours.
    markup& count(std::uint64_t value, std::string_view singular);
    // <time>, to the minute, in UTC.
    markup& time(base::wall_time value);

    page_language language() const { return language_; }
    std::string take() { return std::move(out_); }

private:
    page_language language_;
    std::string out_;
};

}  // namespace tallycast::wire
