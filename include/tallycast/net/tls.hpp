#pragma once
// TLS of the public listener: the certificate it shows, and the state of one connection. A context
// is shared by all cores and never changes: a new certificate is a new context for the connections
// to come, and those that are there keep theirs. A session speaks on a descriptor that does not
// block, and never waits itself.

#include <tallycast/base/time.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace tallycast::net {

class tls_context;
using tls_context_ptr = std::shared_ptr<const tls_context>;

// What is wrong with the files, in words for the operator.
struct tls_fault {
    enum class file : std::uint8_t { certificate = 1, key };
    file in = file::certificate;
    std::string why;
};

class tls_context {
public:
    // PEM: the certificate with those that vouch for it behind it, and its key without a password.
    // An expired certificate is none of the faults.
    static boost::system::result<tls_context_ptr, tls_fault> load(
        const std::string& certificate_file, const std::string& key_file);
    ~tls_context();
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;

    base::wall_time valid_from() const noexcept { return valid_from_; }
    base::wall_time valid_until() const noexcept { return valid_until_; }
    ssl_ctx_st* native() const noexcept { return context_; }

private:
    tls_context();
    ssl_ctx_st* context_;
    base::wall_time valid_from_{};
    base::wall_time valid_until_{};
};

class tls_session {
public:
    tls_session(const tls_context& context, int descriptor);
    ~tls_session();
    tls_session(const tls_session&) = delete;
    tls_session& operator=(const tls_session&) = delete;

    // Each as far as it goes without waiting; would_block when it went nowhere, and then
    // wants_to_write() tells for what the descriptor has to be waited for. Bytes that write() was
    // offered before it would have blocked have to be offered again, with or without more.
    void shake_hands(boost::system::error_code& ec);
    std::size_t read(std::span<char> into, boost::system::error_code& ec);
    std::size_t write(std::string_view bytes, boost::system::error_code& ec);
    bool wants_to_write() const noexcept { return wants_to_write_; }

    // Bytes that have left the descriptor and are to be read: waiting for it would miss them.
    bool holds_bytes() const;

    // Tells the other side that nothing follows, if it can be told at once.
    void say_goodbye();

    // Of the last handshake that failed; no more than a name for the fault.
    const std::string& why() const noexcept { return why_; }

private:
    boost::system::error_code outcome(int returned);

    ssl_st* session_;
    std::string why_;
    bool wants_to_write_ = false;
    bool speaks_ = false;  // the handshake is done, and nothing has failed since
};

}  // namespace tallycast::net
