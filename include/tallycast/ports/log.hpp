#pragma once
// What the app and the sessions say to the operator. Never ballots, tokens or addresses. Any
// thread.

#include <initializer_list>
#include <string_view>
#include <utility>

namespace tallycast::ports {

enum class severity { debug = 1, info, warn, error };

class log {
public:
    using field = std::pair<std::string_view, std::string_view>;
    virtual ~log() = default;
    virtual bool enabled(severity level) const = 0;
    virtual void write(severity level, std::string_view message,
                       std::initializer_list<field> fields = {}) = 0;
};

}  // namespace tallycast::ports
