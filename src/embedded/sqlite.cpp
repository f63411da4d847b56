#include "sqlite.hpp"

#include <sqlite3.h>

#include <utility>

namespace tallycast::embedded {

database::~database() { close(); }

database::database(database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), opening_(other.opening_) {}

database& database::operator=(database&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(opening_, other.opening_);
    return *this;
}

bool database::open(const std::string& path) {
    close();
    opening_ = sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                               nullptr);
    if (opening_ != SQLITE_OK) return false;
    sqlite3_extended_result_codes(handle_, 1);
    return true;
}

void database::close() {
    // The _v2 form waits for statements that outlive the connection.
    sqlite3_close_v2(std::exchange(handle_, nullptr));
}

bool database::run(const char* sql) {
    return sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

std::optional<std::int64_t> database::number(const char* sql) {
    statement query;
    if (!query.prepare(*this, sql) || !query.next()) return std::nullopt;
    return query.integer(0);
}

std::optional<std::string> database::text(const char* sql) {
    statement query;
    if (!query.prepare(*this, sql) || !query.next()) return std::nullopt;
    return query.text(0);
}

bool database::fold_on_close(bool yes) {
    return sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, yes ? 0 : 1, nullptr) ==
           SQLITE_OK;
}

bool database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

bool database::read_only() const { return sqlite3_db_readonly(handle_, "main") == 1; }

bool database::busy() const {
    const int code = (handle_ ? sqlite3_errcode(handle_) : opening_) & 0xff;
    return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

std::string database::error() const {
    return handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(opening_);
}

statement::~statement() { sqlite3_finalize(handle_); }

statement::statement(statement&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), last_(other.last_) {}

statement& statement::operator=(statement&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(last_, other.last_);
    return *this;
}

bool statement::prepare(const database& db, std::string_view sql) {
    sqlite3_finalize(std::exchange(handle_, nullptr));
    return sqlite3_prepare_v3(db.handle(), sql.data(), static_cast<int>(sql.size()),
                              SQLITE_PREPARE_PERSISTENT, &handle_, nullptr) == SQLITE_OK;
}

bool statement::next() {
    last_ = sqlite3_step(handle_);
    return last_ == SQLITE_ROW;
}

bool statement::failed() const { return last_ != SQLITE_ROW && last_ != SQLITE_DONE; }

void statement::reset() { sqlite3_reset(handle_); }

bool statement::finish() {
    while (next()) {
    }
    const bool done = !failed();
    reset();
    return done;
}

std::int64_t statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::optional<std::int64_t> statement::maybe_integer(int column) const {
    if (sqlite3_column_type(handle_, column) == SQLITE_NULL) return std::nullopt;
    return integer(column);
}

std::string statement::text(int column) const {
    const auto* at = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return at ? std::string(at, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)))
              : std::string();
}

bytes statement::blob(int column) const {
    const auto* at = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
    return at ? bytes(at, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)))
              : bytes();
}

// Values are bound in place: they live until run() has reset the statement.
bool statement::bind(int at, std::int64_t value) {
    return sqlite3_bind_int64(handle_, at, value) == SQLITE_OK;
}

bool statement::bind(int at, const std::optional<std::int64_t>& value) {
    return value ? bind(at, *value) : sqlite3_bind_null(handle_, at) == SQLITE_OK;
}

bool statement::bind(int at, std::string_view value) {
    return sqlite3_bind_text64(handle_, at, value.empty() ? "" : value.data(), value.size(),
                               SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK;
}

bool statement::bind(int at, bytes value) {
    return sqlite3_bind_blob64(handle_, at, value.data(), value.size(), SQLITE_STATIC) == SQLITE_OK;
}

}  // namespace tallycast::embedded
