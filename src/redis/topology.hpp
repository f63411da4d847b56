#pragma once
// Finds the primaries of a deployment, watches for others in their place, and knows whether a
// majority of those who decide about it can be heard. One thread; its coroutine keeps it alive
// until it is stopped.

#include "bell.hpp"
#include "dial.hpp"
#include "fence.hpp"
#include "slot_map.hpp"

#include <tallycast/ports/log.hpp>

#include <functional>
#include <memory>
#include <string>

namespace tallycast::redis {

class topology : public std::enable_shared_from_this<topology> {
public:
    // `changed` is called when the map is another one or the fence went up or down; not after
    // stop().
    static std::shared_ptr<topology> of(const deployment& where, dialling how, ports::log& log,
                                        std::function<void()> changed);
    virtual ~topology() = default;

    void start();
    virtual void stop();

    const slot_map& map() const noexcept { return map_; }
    bool fenced() const;
    // Fenced for nothing but that the primary is being replaced.
    bool in_doubt() const;

    // Why nothing is found, or no majority; empty while all is well.
    const std::string& trouble() const noexcept { return trouble_; }

    // Somebody lost a primary or was sent elsewhere: look again now, once for all who say so.
    void look_again();
    // A MOVED: the map knows at once, and is asked for as a whole.
    void moved(slot at, const endpoint& to);

protected:
    topology(dialling how, ports::log& log, std::function<void()> changed, fence guard);

    // One look around; calls adopt() and guard_.heard().
    virtual boost::asio::awaitable<void> look(base::mono_time asked) = 0;
    virtual void begin() {}

    void adopt(slot_map map);
    void complain(std::string why);
    // The primary is being replaced, somebody says.
    void doubt();

    dialling how_;
    ports::log& log_;
    fence guard_;
    bool stopped_ = false;

private:
    static boost::asio::awaitable<void> run(std::shared_ptr<topology> self);
    void tell_of_fence();

    std::function<void()> changed_;
    slot_map map_;
    std::string trouble_;
    bell wake_;
    bool again_ = false;
    bool was_fenced_ = false;
};

}  // namespace tallycast::redis
