#include "rules.hpp"
#include "text_file.hpp"

#include <algorithm>

namespace tallycast::config {

namespace {

constexpr std::size_t least_key_length = 32;

class rules {
public:
    rules(draft& d, const chosen_texts& chosen) : draft_(d), values_(d.values), chosen_(chosen) {}

    std::vector<bad_option> apply() {
        key_file("operator-key", draft_.operator_key_file);
        key_file("host-key", draft_.host_key_file);
        key_file("token-keys", draft_.token_keys_file);
        same_key();
        levels();
        memory_only();
        one_port_each();
        tls_files();
        if (values_.production) strong_keys();
        return std::move(bad_);
    }

private:
    void refuse(std::string_view name, std::string why) {
        bad_.push_back({"--" + std::string(name), chosen_.where(name), std::move(why)});
    }

    // Takes the key out of its file; the option itself checks it.
    void key_file(std::string_view key, const std::string& path) {
        if (path.empty()) return;
        const std::string file_option = std::string(key) + "-file";
        if (chosen_.find(key) != nullptr)
            return refuse(file_option,
                          "stands beside --" + std::string(key) + ": give one of the two");
        const auto content = read_text_file(path);
        if (!content) return refuse(file_option, content.error().detail);
        const auto text = trimmed(*content);
        if (text.empty()) return refuse(file_option, '"' + path + "\" is empty");
        const std::string why = find_option(key)->value.read(draft_, text);
        if (!why.empty()) refuse(file_option, '"' + path + "\": " + why);
    }

    void same_key() {
        if (!values_.operator_key.empty() && values_.operator_key == values_.host_key)
            refuse("host-key", "is the operator's key; they must differ");
    }

    // Which levels go with which store.
    void levels() {
        using enum durability;
        if (is_embedded(values_)) {
            if (values_.durability == replicated)
                refuse("durability",
                       "`replicated` needs a store with replicas; the embedded store has none");
            if (values_.durability == automatic) values_.durability = fsync;
        } else if (values_.durability == memory) {
            refuse("durability", "`memory` is for the embedded store; Redis has `async`");
        }
    }

    void memory_only() {
        if (!is_embedded(values_) || values_.data_dir != ":memory:") return;
        const auto* asked = chosen_.find("durability");
        if (asked != nullptr && asked->text != "auto" && values_.durability != durability::memory)
            return refuse(
                "durability",
                "cannot be kept with --data-dir :memory:, which keeps nothing; use memory");
        values_.durability = durability::memory;
    }

    void one_port_each() {
        if (values_.listen.port != 0 && values_.listen == values_.ops_listen)
            refuse("ops-listen", "is the same address and port as --listen");
    }

    void tls_files() {
        if (values_.tls_cert.empty() == values_.tls_key.empty()) return;
        const bool has_key = values_.tls_cert.empty();
        refuse(has_key ? "tls-key" : "tls-cert",
               std::string("stands alone: give --") + (has_key ? "tls-cert" : "tls-key") + ", too");
    }

    void strong_keys() {
        if (values_.operator_key.empty())
            missing("operator-key", "an operator key", how_to_make_a_key);
        else if (is_weak_key(values_.operator_key)) too_weak("operator-key");
        if (!values_.host_key.empty() && is_weak_key(values_.host_key)) too_weak("host-key");
        if (values_.token_keys.empty())
            missing("token-keys", "token keys", how_to_make_a_token_key);
        for (const auto& key : values_.token_keys)
            if (is_weak_key(key.secret))
                refuse(source_of("token-keys"),
                       "key \"" + key.id + "\" is one byte repeated: too weak for --production; " +
                           std::string(how_to_make_a_token_key));
        if (values_.demo) refuse("demo", "cannot stand beside --production");
    }

    std::string source_of(std::string_view key) const {
        return std::string(key) + (chosen_.find(key) == nullptr ? "-file" : "");
    }
    // Says nothing more where the key was given and already refused.
    void missing(std::string_view key, std::string_view what, std::string_view how) {
        if (chosen_.find(key) == nullptr && chosen_.find(std::string(key) + "-file") == nullptr)
            refuse(key, "--production needs " + std::string(what) + "; give it here or in --" +
                            std::string(key) + "-file: " + std::string(how));
    }
    void too_weak(std::string_view key) {
        refuse(source_of(key),
               "is too weak for --production: at least 32 characters, not all the same; " +
                   std::string(how_to_make_a_key));
    }

    draft& draft_;
    settings& values_;
    const chosen_texts& chosen_;
    std::vector<bad_option> bad_;
};

}  // namespace

bool is_weak_key(std::string_view key) {
    return key.size() < least_key_length ||
           key.find_first_not_of(key.front()) == std::string_view::npos;
}

std::vector<bad_option> settle(draft& d, const chosen_texts& chosen) {
    return rules(d, chosen).apply();
}

}  // namespace tallycast::config
