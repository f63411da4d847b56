#pragma once
// What a WebSocket and an event stream have in common: an audience member who watches one event.
// Its own messages wait in a short, bounded text; what everybody gets is taken from the hub when
// the socket has room, newest only, and written from the one shared copy. A reader who takes too
// long is closed.

#include <tallycast/app/caller.hpp>
#include <tallycast/app/results_hub.hpp>
#include <tallycast/net/client_stream.hpp>
#include <tallycast/net/connection.hpp>
#include <tallycast/net/exchange.hpp>
#include <tallycast/net/io_core.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tallycast::net {

class live_session : public connection, public std::enable_shared_from_this<live_session> {
public:
    live_session(io_core& core, client_stream stream, base::event_id event, app::caller who);
    ~live_session() override;

    // Writes what is due for as long as the socket takes it. Harmless at any time.
    void pump();

    const base::event_id& event() const noexcept { return event_; }

    // Says why, where the transport can, and ends.
    virtual void leave(std::uint16_t close_code, std::string_view reason) = 0;

    // A poll of the event this session watches as a whole has changed, or is new.
    void meet(const app::poll_ptr& poll);

    // A poll is gone: says so if it was subscribed to.
    void lose(const app::broadcast& last_word);

    // What everybody who watches is told, whatever they watch.
    void announce(const app::broadcast& notice);

    // This session's voter, or one whose hash is the same, voted somewhere else.
    void hear(const app::voter_news& news);

    void expire() override;

protected:
    // Which of a broadcast's encodings this session's socket speaks.
    virtual std::string_view bytes_of(const app::broadcast& message) const = 0;

    // Bytes of this session alone, sent before anything shared. Closes a session that lets too many
    // wait.
    void send_own(std::string_view bytes);
    // After what is waiting has been written, or at once when nothing is.
    void close_when_written();
    void close_socket();

    // Watches as somebody else from now on.
    void become_caller(app::caller who);
    bool sees_as_host() const;
    // The voter has a ballot in this round of the poll, and sees what that shows.
    void has_voted(const base::poll_id& poll, std::uint32_t round);
    // How this session sees the poll, by the store and by what it heard of meanwhile.
    boost::asio::awaitable<domain::viewer> viewer_of(app::poll_ptr poll);
    boost::asio::awaitable<app::subscribe_answer> subscribe(app::poll_ptr poll, double max_hz);
    app::subscribe_answer subscribe_as(const base::poll_id& poll,
                                       const app::subscription_options& options);
    void unsubscribe(const base::poll_id& poll);
    // What every session is told first, as JSON, and knows from then on; nothing if the event is
    // gone.
    std::optional<std::string> welcome_text();
    // What the operator tells everybody, if there is something, behind the first welcome.
    void announce_standing_notice();
    std::vector<app::poll_ptr> visible_polls() const;

    io_core& core_;
    client_stream stream_;
    base::event_id event_;
    app::caller who_;
    app::subscriber_id subscriber_;
    std::vector<base::poll_id> subscribed_;
    double all_max_hz_ = 10;
    base::mono_time last_written_{};

private:
    bool next_message();
    void note_written();
    bool known_already(const app::broadcast& message) const;
    bool may_see(const app::broadcast& message) const;
    bool voted_in(const base::poll_id& poll, std::uint32_t round) const;
    void wait_until_writable();

    std::string waiting_;        // own messages not yet begun
    std::string own_;            // the own bytes being written
    app::broadcast_ptr shared_;  // or the shared message being written
    std::string_view writing_;   // what is left of either
    base::mono_time subscribed_at_{};
    bool blocked_ = false;  // until the socket takes more
    bool closing_ = false;
    std::vector<std::pair<base::poll_id, std::uint32_t>> told_;   // revisions the client knows
    std::vector<std::pair<base::poll_id, std::uint32_t>> voted_;  // rounds the voter has voted in
};

// Who watches with this credential: nobody in particular when it is none of this event.
app::caller watching_caller(io_core& core, std::string_view credential,
                            const base::event_id& event);

// The sessions an HTTP connection can become. `rest` is what the client has sent behind its
// request.
void start_websocket(io_core& core, client_stream stream, const exchange& x, std::string rest);
void start_event_stream(io_core& core, client_stream stream, const exchange& x);

}  // namespace tallycast::net
