#include "strict_json.hpp"

#include "plain_text.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tallycast::wire {

namespace {

using nlohmann::json;

base::failure malformed(std::string why) { return {base::errc::malformed_json, std::move(why)}; }

// Builds the tree; refuses on the way what a tree could no longer show.
class strict_builder final : public nlohmann::json_sax<json> {
public:
    json take() { return std::move(root_); }
    const std::optional<base::failure>& failed() const { return failed_; }

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t&) override { return put(value); }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t&) override { return fail("The text is not JSON."); }

    bool start_object(std::size_t) override { return open(json::object()); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        if (open_.back()->contains(name))
            return fail("The member \"" + shortened(name) + "\" stands twice.");
        key_ = std::move(name);
        return true;
    }

    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception&) override {
        return fail("The text is not JSON at byte " +
                    std::to_string(position == 0 ? 0 : position - 1) + '.');
    }

private:
    bool fail(std::string why) {
        failed_ = malformed(std::move(why));
        return false;
    }

    json& add(json value) {
        if (open_.empty()) return root_ = std::move(value);
        json& parent = *open_.back();
        if (parent.is_object()) return parent[key_] = std::move(value);
        parent.push_back(std::move(value));
        return parent.back();
    }

    template <class Value>
    bool put(Value&& value) {
        add(std::forward<Value>(value));
        return true;
    }

    bool open(json value) {
        if (open_.size() == strict_depth) return fail("The JSON is nested deeper than 16 levels.");
        open_.push_back(&add(std::move(value)));
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    json root_;
    std::vector<json*> open_;
    std::string key_;
    std::optional<base::failure> failed_;
};

}  // namespace

std::optional<base::failure> parse_strictly(std::string_view text, json& into) {
    if (text.starts_with("\xef\xbb\xbf"))
        return malformed("The text is not JSON at byte 0: a byte order mark stands there.");
    // The library takes a NUL for the end, whatever comes after it.
    if (const auto at = text.find('\0'); at != std::string_view::npos)
        return malformed("The text is not JSON at byte " + std::to_string(at) + '.');
    strict_builder builder;
    const bool whole = json::sax_parse(text.begin(), text.end(), &builder);
    if (builder.failed()) return builder.failed();
    if (!whole) return malformed("The text is not JSON.");
    into = builder.take();
    return std::nullopt;
}

}  // namespace tallycast::wire
