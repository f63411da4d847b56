#pragma once
// What every connection of a core has: a deadline that somebody looks at, and a way to be told
// to go. The list is walked by the core's tick, so a deadline costs no timer of its own.
// Single-threaded: a connection lives and dies on its core.

#include <tallycast/base/time.hpp>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

namespace tallycast::net {

class connection : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    virtual ~connection() = default;

    // Called by the tick once the deadline has passed; closes the socket, so that every wait on it
    // ends.
    virtual void expire() = 0;
    // Called when its core looks at it, as often as it looks at the deadline.
    virtual void tick(base::mono_time) {}
    // Finish what is under way and go; live clients are told to come back, each at a moment of its
    // own within this time. Harmless when it is called again.
    virtual void send_away(base::milliseconds come_back_within) = 0;

    base::mono_time deadline() const noexcept { return deadline_; }

protected:
    void set_deadline(base::mono_time at) noexcept { deadline_ = at; }
    void no_deadline() noexcept { deadline_ = base::mono_time::max(); }

private:
    base::mono_time deadline_ = base::mono_time::max();
};

using connection_list =
    boost::intrusive::list<connection, boost::intrusive::constant_time_size<false>>;

}  // namespace tallycast::net
