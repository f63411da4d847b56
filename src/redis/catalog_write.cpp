#include "catalog_write.hpp"

namespace tallycast::redis {

using nlohmann::json;

catalog_write& catalog_write::is(std::string_view hash, std::string_view field,
                                 const std::optional<std::string>& value) {
    checks_.push_back({"is", hash, field, value ? json(*value) : json()});
    return *this;
}

catalog_write& catalog_write::below(std::string_view hash, std::string_view field,
                                    std::uint64_t limit) {
    checks_.push_back({"below", hash, field, limit});
    return *this;
}

catalog_write& catalog_write::untouched(std::string_view since, std::string_view member,
                                        std::string_view id) {
    owner_ = {std::string(since), std::string(member), std::string(id)};
    return *this;
}

catalog_write& catalog_write::set(std::string_view hash, std::string_view field,
                                  std::string_view value) {
    writes_.push_back({"set", hash, field, value});
    return *this;
}

catalog_write& catalog_write::remove(std::string_view hash, std::string_view field) {
    writes_.push_back({"del", hash, field});
    return *this;
}

catalog_write& catalog_write::add(std::string_view hash, std::string_view field,
                                  std::int64_t number) {
    writes_.push_back({"add", hash, field, number});
    return *this;
}

catalog_write& catalog_write::tell(std::string_view kind, std::string_view a, std::string_view b) {
    changes_.push_back({kind, a, b});
    return *this;
}

bool catalog_write::is_limit(std::int64_t check) const {
    const auto n = static_cast<std::size_t>(check - 1);
    return check >= 1 && n < checks_.size() && checks_[n][0] == "below";
}

std::string catalog_write::text() const {
    return json{{"checks", checks_}, {"writes", writes_}, {"changes", changes_}}.dump(
        -1, ' ', false, json::error_handler_t::replace);
}

}  // namespace tallycast::redis
