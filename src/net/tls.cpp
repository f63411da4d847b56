#include <tallycast/net/tls.hpp>

#include <boost/asio/error.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <new>
#include <optional>
#include <utility>

namespace tallycast::net {

namespace error = boost::asio::error;
using fault_in = tls_fault::file;

namespace {

// The one protocol spoken inside, as ALPN writes it.
constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
    unsigned char* found = nullptr;
    const int how = SSL_select_next_proto(&found, size, http_1_1.data(), http_1_1.size(), offered,
                                          offered_size);
    *chosen = found;
    return how == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A key that wants a password is refused: nobody is there to type it.
int no_password(char*, int, int, void* asked) {
    if (asked != nullptr) *static_cast<bool*>(asked) = true;
    return -1;
}

// What went wrong at the bottom of what has failed.
std::string first_reason() {
    const auto code = ERR_peek_error();
    const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
    ERR_clear_error();
    return text == nullptr ? "not in PEM" : text;
}

// Why the file cannot be read; empty when it can.
std::string unreadable(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "re");
    if (file == nullptr) return '"' + path + "\" cannot be read: " + std::strerror(errno);
    std::fclose(file);
    return {};
}

base::wall_time time_of(const ASN1_TIME* at) {
    std::tm parts{};
    ASN1_TIME_to_tm(at, &parts);
    return base::wall_time{std::chrono::seconds{::timegm(&parts)}};
}

void set_rules(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // The text offered again may have moved, and less memory waits with those who only listen.
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    // Tickets resume sessions; a cache would be a lock between the cores.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    SSL_CTX_set_default_passwd_cb(context, no_password);
}

// A key of another kind than the certificate's is taken without complaint, and found by the check.
std::optional<tls_fault> take_key(SSL_CTX* context, const std::string& path) {
    bool wants_password = false;
    SSL_CTX_set_default_passwd_cb_userdata(context, &wants_password);
    const bool taken = SSL_CTX_use_PrivateKey_file(context, path.c_str(), SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    if (taken && SSL_CTX_check_private_key(context) == 1) return std::nullopt;
    const bool another = taken || ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_X509;
    const auto reason = first_reason();
    if (another) return tls_fault{fault_in::key, '"' + path + "\" is not the certificate's key"};
    return tls_fault{fault_in::key, '"' + path + "\" holds no key that can be used: " +
                                        (wants_password ? "it wants a password" : reason)};
}

}  // namespace

tls_context::tls_context() : context_(SSL_CTX_new(TLS_server_method())) {
    if (context_ == nullptr) throw std::bad_alloc();
    set_rules(context_);
}

tls_context::~tls_context() { SSL_CTX_free(context_); }

boost::system::result<tls_context_ptr, tls_fault> tls_context::load(
    const std::string& certificate_file, const std::string& key_file) {
    if (auto why = unreadable(certificate_file); !why.empty())
        return tls_fault{fault_in::certificate, std::move(why)};
    if (auto why = unreadable(key_file); !why.empty())
        return tls_fault{fault_in::key, std::move(why)};
    const std::shared_ptr<tls_context> made(new tls_context);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(made->context_, certificate_file.c_str()) != 1)
        return tls_fault{
            fault_in::certificate,
            '"' + certificate_file + "\" holds no certificate that can be used: " + first_reason()};
    const X509* certificate = SSL_CTX_get0_certificate(made->context_);
    made->valid_from_ = time_of(X509_get0_notBefore(certificate));
    made->valid_until_ = time_of(X509_get0_notAfter(certificate));
    if (auto fault = take_key(made->context_, key_file)) return std::move(*fault);
    return tls_context_ptr{made};
}

tls_session::tls_session(const tls_context& context, int descriptor)
    : session_(SSL_new(context.native())) {
    if (session_ == nullptr || SSL_set_fd(session_, descriptor) != 1) {
        SSL_free(session_);
        throw std::bad_alloc();
    }
    SSL_set_accept_state(session_);
}

tls_session::~tls_session() { SSL_free(session_); }

boost::system::error_code tls_session::outcome(int returned) {
    const int kind = SSL_get_error(session_, returned);
    wants_to_write_ = kind == SSL_ERROR_WANT_WRITE;
    if (kind == SSL_ERROR_WANT_READ || wants_to_write_) return error::would_block;
    if (kind == SSL_ERROR_ZERO_RETURN) return error::eof;
    speaks_ = false;
    why_ = kind == SSL_ERROR_SSL ? first_reason() : "the connection broke";
    return error::connection_reset;
}

void tls_session::shake_hands(boost::system::error_code& ec) {
    ERR_clear_error();
    const int done = SSL_do_handshake(session_);
    speaks_ = done == 1;
    ec = speaks_ ? boost::system::error_code{} : outcome(done);
}

std::size_t tls_session::read(std::span<char> into, boost::system::error_code& ec) {
    ERR_clear_error();
    std::size_t got = 0;
    const int done = SSL_read_ex(session_, into.data(), into.size(), &got);
    ec = done == 1 ? boost::system::error_code{} : outcome(done);
    return got;
}

std::size_t tls_session::write(std::string_view bytes, boost::system::error_code& ec) {
    ec = {};
    if (bytes.empty()) return 0;
    ERR_clear_error();
    std::size_t wrote = 0;
    const int done = SSL_write_ex(session_, bytes.data(), bytes.size(), &wrote);
    if (done != 1) ec = outcome(done);
    return wrote;
}

bool tls_session::holds_bytes() const { return SSL_pending(session_) > 0; }

void tls_session::say_goodbye() {
    if (!std::exchange(speaks_, false)) return;
    ERR_clear_error();
    SSL_shutdown(session_);
    ERR_clear_error();
}

}  // namespace tallycast::net
