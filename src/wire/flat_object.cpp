#include "flat_object.hpp"

#include "plain_text.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <string>

namespace tallycast::wire {

namespace json = boost::json;
using json::error_code;
using json::string_view;

// What the parser tells, in order. `level` is how many arrays and objects are open: 1 is inside the
// object itself, 2 inside a member's value.
class flat_events {
public:
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = max_object_size;
    static constexpr std::size_t max_key_size = max_object_size;
    static constexpr std::size_t max_string_size = max_object_size;

    flat_events(flat_object& into, std::string_view source) : into_(into), source_(source) {}

    std::string_view doubled() const { return doubled_; }
    bool is_object() const { return is_object_; }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }

    bool on_object_begin(error_code&) {
        if (level_ == 0) is_object_ = true;
        open();
        return true;
    }
    bool on_object_end(std::size_t, error_code&) { return close(); }

    bool on_array_begin(error_code&) {
        if (level_ == 1 && at_ != nullptr) {
            at_->kind = flat_kind::strings;
            at_->first = into_.strings_.size();
        }
        open();
        return true;
    }
    bool on_array_end(std::size_t, error_code&) { return close(); }

    bool on_key_part(string_view part, std::size_t, error_code&) { return gather(part); }
    bool on_key(string_view last, std::size_t, error_code& ec) {
        const auto name = whole(last);
        if (level_ != 1) return true;
        for (std::size_t i = 0; i < into_.kept_; ++i) {
            if (into_.members_[i].name != name) continue;
            doubled_ = name;
            ec = json::error::syntax;
            return false;
        }
        ++into_.seen_;
        at_ = into_.kept_ < flat_object::slots ? &into_.members_[into_.kept_++] : nullptr;
        if (at_ == nullptr) return true;
        *at_ = {};
        at_->name = name;
        return true;
    }

    bool on_string_part(string_view part, std::size_t, error_code&) { return gather(part); }
    bool on_string(string_view last, std::size_t, error_code&) {
        const auto text = whole(last);
        if (at_ == nullptr) return true;
        if (level_ == 1) {
            at_->kind = flat_kind::text;
            at_->text = text;
        } else if (level_ == 2 && at_->kind == flat_kind::strings) {
            ++at_->count;
            if (into_.strings_.size() < into_.max_strings_) into_.strings_.push_back(text);
        }
        return true;
    }

    bool on_number_part(string_view, error_code&) { return true; }
    bool on_int64(std::int64_t value, string_view, error_code&) {
        return number(flat_kind::integer, value, static_cast<double>(value));
    }
    bool on_uint64(std::uint64_t value, string_view, error_code&) {
        return number(flat_kind::integer, std::numeric_limits<std::int64_t>::max(),
                      static_cast<double>(value));
    }
    bool on_double(double value, string_view, error_code&) {
        return number(flat_kind::real, 0, value);
    }
    bool on_bool(bool, error_code&) { return other(); }
    bool on_null(error_code&) { return other(); }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

private:
    void open() {
        if (level_ >= 2 || (level_ == 1 && at_ != nullptr && at_->kind != flat_kind::strings))
            other();
        ++level_;
    }
    bool close() {
        --level_;
        return true;
    }
    // A list that holds anything but strings is no list of strings.
    bool other() {
        if (at_ != nullptr) at_->kind = flat_kind::other;
        return true;
    }
    bool number(flat_kind kind, std::int64_t integer, double real) {
        if (level_ != 1 || at_ == nullptr) return other();
        at_->kind = kind;
        at_->integer = integer;
        at_->real = real;
        return true;
    }
    bool gather(string_view part) {
        pieces_.append(part.data(), part.size());
        return true;
    }
    // A string that came in one piece and without escapes lies in the source; any other is copied.
    std::string_view whole(string_view last) {
        const std::less<const char*> before;
        const auto* end = source_.data() + source_.size();
        const bool lies_in_source =
            !before(last.data(), source_.data()) && !before(end, last.data());
        if (pieces_.empty() && lies_in_source) return {last.data(), last.size()};
        gather(last);
        const auto length = pieces_.size();
        auto* copy =
            static_cast<char*>(into_.strings_.get_allocator().resource()->allocate(length + 1, 1));
        std::memcpy(copy, pieces_.data(), length);
        pieces_.clear();
        return {copy, length};
    }

    flat_object& into_;
    std::string_view source_;
    std::string pieces_;
    std::string_view doubled_;
    flat_member* at_ = nullptr;
    int level_ = 0;
    bool is_object_ = false;
};

namespace {

std::string at_byte(std::size_t at) { return " at byte " + std::to_string(at) + '.'; }

base::failure fault_at(const error_code& ec, std::size_t at) {
    std::string_view what = "The text is not JSON";
    if (ec == json::error::incomplete) what = "The JSON breaks off";
    if (ec == json::error::too_deep) what = "The JSON is nested too deeply";
    return {base::errc::malformed_json, std::string(what) + at_byte(at)};
}

}  // namespace

base::result<void> flat_object::read(std::string_view text) {
    kept_ = seen_ = 0;
    json::parse_options options;
    options.max_depth = flat_depth;
    json::basic_parser<flat_events> parser{options, *this, text};
    error_code ec;
    const auto read = parser.write_some(false, text.data(), text.size(), ec);
    const auto& events = parser.handler();
    if (events.doubled().data() != nullptr)
        return base::failure{base::errc::malformed_json,
                             "The member \"" + shortened(events.doubled()) + "\" stands twice."};
    if (ec) return fault_at(ec, read);
    if (read != text.size())
        return base::failure{base::errc::malformed_json,
                             "There is more behind the JSON," + at_byte(read)};
    if (!events.is_object())
        return base::failure{base::errc::invalid_request, "A JSON object is expected."};
    return {};
}

base::result<void> flat_object::must_have_only(
    std::initializer_list<std::string_view> known) const {
    for (std::size_t i = 0; i < kept_; ++i) {
        if (std::ranges::find(known, members_[i].name) != known.end()) continue;
        return base::failure{base::errc::unknown_field,
                             "There is no field \"" + shortened(members_[i].name) + "\"."};
    }
    if (seen_ > kept_)
        return base::failure{base::errc::unknown_field,
                             "There are more fields than anybody knows."};
    return {};
}

std::span<const std::string_view> flat_object::strings_of(const flat_member& list) const {
    const auto first = std::min(list.first, strings_.size());
    return std::span(strings_).subspan(first, std::min(list.count, strings_.size() - first));
}

const flat_member* flat_object::find(std::string_view name) const {
    for (std::size_t i = 0; i < kept_; ++i)
        if (members_[i].name == name) return &members_[i];
    return nullptr;
}

}  // namespace tallycast::wire
