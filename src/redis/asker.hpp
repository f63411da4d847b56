#pragma once
// Asks several servers the same at once, over links it keeps. One thread; kept alive by its
// questions under way.

#include "dial.hpp"

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace tallycast::redis {

class asker : public std::enable_shared_from_this<asker> {
public:
    explicit asker(dialling how) : how_(std::move(how)) {}

    // By server: its replies, or nothing if there were none by `until`.
    using answers = std::vector<std::optional<replies>>;
    static boost::asio::awaitable<answers> ask(std::shared_ptr<asker> self,
                                               std::vector<endpoint> whom, pipeline what,
                                               base::mono_time until);

    void stop();
    // Why the last one that did not answer did not.
    const std::string& trouble() const noexcept { return trouble_; }

private:
    struct round;
    static boost::asio::awaitable<void> ask_one(std::shared_ptr<asker> self,
                                                std::shared_ptr<round> of, std::size_t number);
    static boost::asio::awaitable<std::shared_ptr<link>> link_to(std::shared_ptr<asker> self,
                                                                 endpoint at);

    dialling how_;
    std::map<endpoint, std::shared_ptr<link>> links_;
    std::string trouble_;
    bool stopped_ = false;
};

}  // namespace tallycast::redis
