#pragma once
// SQLite's C interface with owners. Nothing here throws: a call answers whether it worked, and the
// database says why not. A connection and its statements belong to one thread at a time.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace tallycast::embedded {

using bytes = std::span<const std::byte>;

class database {
public:
    database() = default;
    ~database();
    database(database&& other) noexcept;
    database& operator=(database&& other) noexcept;

    // Opens an existing file (or ":memory:") for writing; it is never created here.
    bool open(const std::string& path);
    void close();

    bool run(const char* sql);  // any number of statements; rows are dropped
    std::optional<std::int64_t> number(const char* sql);  // first column of the first row
    std::optional<std::string> text(const char* sql);

    // Whether closing folds the write-ahead log into the file (SQLite's default: yes).
    bool fold_on_close(bool yes);

    bool in_transaction() const;
    bool read_only() const;
    bool busy() const;  // the last failure: another process holds the file
    std::string error() const;
    sqlite3* handle() const noexcept { return handle_; }

private:
    sqlite3* handle_ = nullptr;
    int opening_ = 0;  // the answer to open() when there is no handle to ask
};

class statement {
public:
    statement() = default;
    ~statement();
    statement(statement&& other) noexcept;
    statement& operator=(statement&& other) noexcept;

    bool prepare(const database& db, std::string_view sql);

    // Binds all values in order, runs to the end and resets.
    template <class... Values>
    bool run(const Values&... values) {
        return bind_all(values...) && finish();
    }

    template <class... Values>
    bool bind_all(const Values&... values) {
        int at = 0;
        return (bind(++at, values) && ...);
    }

    bool next();          // steps to a row; false at the end or on failure
    bool failed() const;  // whether the last next() was a failure
    void reset();

    std::int64_t integer(int column) const;
    std::optional<std::int64_t> maybe_integer(int column) const;
    std::string text(int column) const;
    bytes blob(int column) const;  // valid until the next step

private:
    bool bind(int at, std::int64_t value);
    bool bind(int at, const std::optional<std::int64_t>& value);
    bool bind(int at, std::string_view value);
    bool bind(int at, bytes value);
    bool bind(int at, const std::string& value) { return bind(at, std::string_view(value)); }
    bool finish();

    sqlite3_stmt* handle_ = nullptr;
    int last_ = 0;
};

}  // namespace tallycast::embedded
