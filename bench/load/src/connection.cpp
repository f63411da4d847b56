#include <tallycast/load/connection.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace tallycast::load {

namespace {

constexpr std::chrono::milliseconds first_pause{20};
constexpr unsigned most_doublings = 5;  // 640 ms

}  // namespace

connection::connection(boost::asio::io_context& io,
                       const std::vector<boost::asio::ip::tcp::endpoint>& nodes, std::size_t begin,
                       std::unique_ptr<protocol> speaks, connection_owner& owner,
                       std::uint64_t seed)
    : nodes_(nodes),
      at_(begin % nodes.size()),
      speaks_(std::move(speaks)),
      owner_(owner),
      socket_(io),
      pause_(io),
      random_(static_cast<std::minstd_rand::result_type>(seed)) {}

void connection::open() { connect(); }

void connection::close() {
    ++generation_;
    state_ = state::closed;
    boost::system::error_code ignored;
    socket_.close(ignored);
    pause_.cancel();
}

void connection::connect() {
    state_ = state::connecting;
    busy_since_ = clock::now();
    const auto generation = ++generation_;
    in_.clear();
    out_.clear();
    writing_ = false;
    socket_.async_connect(nodes_[at_], [this, generation](const boost::system::error_code& error) {
        if (generation == generation_) connected(error);
    });
}

void connection::connected(const boost::system::error_code& error) {
    if (error) return lose();
    boost::system::error_code ignored;
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    const bool at_once = speaks_->begin(out_);
    state_ = at_once ? state::ready : state::greeting;
    flush();
    arm_read();
    if (at_once) owner_.on_ready(*this);
}

void connection::arm_read() {
    const auto generation = generation_;
    socket_.async_read_some(
        boost::asio::buffer(chunk_),
        [this, generation](const boost::system::error_code& error, std::size_t bytes) {
            if (generation == generation_) received(error, bytes);
        });
}

void connection::received(const boost::system::error_code& error, std::size_t bytes) {
    if (error) return lose();
    in_.append(chunk_.data(), bytes);
    if (digest()) arm_read();
}

// False when the socket these bytes came from is no longer the one in use.
bool connection::digest() {
    const auto generation = generation_;
    for (;;) {
        const auto next = speaks_->consume(in_, out_);
        if (next.what == event::broken) {
            lose();
            return false;
        }
        if (!out_.empty() && !writing_) flush();
        if (next.what == event::need_more) return generation == generation_;
        failures_ = 0;
        if (next.what == event::ready) {
            state_ = state::ready;
            owner_.on_ready(*this);
        } else if (state_ == state::asking) {
            answered(next);
        }
        if (generation != generation_) return false;
    }
}

void connection::answered(const step& next) {
    if (!next.closes) {
        state_ = state::ready;
        return owner_.on_answer(*this, next.reply);
    }
    state_ = state::waiting;
    owner_.on_answer(*this, next.reply);
    if (state_ == state::closed) return;
    boost::system::error_code ignored;
    socket_.close(ignored);
    connect();
}

void connection::ask(const question& what, clock::time_point now) {
    state_ = state::asking;
    busy_since_ = now;
    speaks_->ask(what, out_);
    if (!writing_) flush();
}

// A request nearly always fits into the socket's buffer, so it is written on the spot. Failures are
// left to the read, which meets the same broken socket.
void connection::flush() {
    boost::system::error_code error;
    const auto sent = socket_.write_some(boost::asio::buffer(out_), error);
    if (error && error != boost::asio::error::would_block) {
        out_.clear();
        socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_both, error);
        return;
    }
    out_.erase(0, sent);
    if (out_.empty()) return;
    writing_ = true;
    const auto generation = generation_;
    socket_.async_wait(boost::asio::ip::tcp::socket::wait_write,
                       [this, generation](const boost::system::error_code& failed) {
                           if (generation == generation_) flushed(failed);
                       });
}

void connection::flushed(const boost::system::error_code& error) {
    writing_ = false;
    if (!error) flush();
}

void connection::expire_before(clock::time_point oldest) {
    const bool waits =
        state_ == state::asking || state_ == state::connecting || state_ == state::greeting;
    if (waits && busy_since_ < oldest) lose();
}

void connection::lose() {
    const bool had_question = state_ == state::asking;
    ++generation_;
    state_ = state::waiting;
    boost::system::error_code ignored;
    socket_.close(ignored);
    at_ = (at_ + 1) % nodes_.size();
    retry_connect();
    owner_.on_broken(*this, had_question);
}

// Doubling waits, each shortened at random by up to a half, so that a crowd does not return as one.
void connection::retry_connect() {
    const auto longest = first_pause * (1u << std::min(failures_, most_doublings));
    ++failures_;
    const auto cut = std::uniform_int_distribution<std::int64_t>(0, longest.count() / 2)(random_);
    pause_.expires_after(longest - std::chrono::milliseconds(cut));
    const auto generation = generation_;
    pause_.async_wait([this, generation](const boost::system::error_code& error) {
        if (!error && generation == generation_) connect();
    });
}

}  // namespace tallycast::load
