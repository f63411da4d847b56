#include "data_file.hpp"

#include "schema.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

namespace tallycast::embedded {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view in_memory = ":memory:";
constexpr std::string_view sqlite_magic("SQLite format 3\0", 16);

std::string because(int error) { return std::generic_category().message(error); }

std::uint32_t big_endian(std::string_view digits) {
    std::uint32_t value = 0;
    for (const char c : digits) value = (value << 8) | static_cast<unsigned char>(c);
    return value;
}

bool make_directory(const fs::path& dir, std::string& why) {
    std::error_code failed;
    if (fs::is_directory(dir, failed)) return true;
    if (dir.has_parent_path()) fs::create_directories(dir.parent_path(), failed);
    if (::mkdir(dir.c_str(), 0700) == 0 || errno == EEXIST) return true;
    why = "its directory cannot be made: " + because(errno);
    return false;
}

void flush_directory(const fs::path& dir) {
    const int fd = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    ::fsync(fd);
    ::close(fd);
}

std::string pragma(const char* name, std::int64_t value) {
    return "PRAGMA " + std::string(name) + "=" + std::to_string(value) + ";";
}

bool lay_out(database& db) {
    const auto marks =
        pragma("application_id", application_id) + pragma("user_version", schema_version);
    std::array<std::byte, secret_bytes> secret{};
    statement keep;
    return ::getentropy(secret.data(), secret.size()) == 0 &&
           db.run(("BEGIN;" + marks + schema_sql).c_str()) &&
           keep.prepare(db, "INSERT INTO secret VALUES(1, ?)") && keep.run(bytes(secret)) &&
           db.run("COMMIT");
}

bool make_file(const fs::path& path, std::string& why) {
    const auto draft = path.string() + ".new";
    ::unlink(draft.c_str());  // of a creation that was cut off
    const int fd = ::open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        why = "it cannot be made: " + because(errno);
        return false;
    }
    ::close(fd);
    database db;
    if (!db.open(draft) || !lay_out(db) || !db.run("PRAGMA journal_mode=WAL")) {
        why = "it cannot be made: " + db.error();
        db.close();
        ::unlink(draft.c_str());
        return false;
    }
    db.close();
    if (::rename(draft.c_str(), path.c_str()) != 0) {
        why = "it cannot be made: " + because(errno);
        return false;
    }
    flush_directory(path.parent_path());
    return true;
}

// What is wrong with the first hundred bytes (sqlite.org/fileformat2.html, 1.3) and the length, if
// anything.
std::optional<std::string> fault_in_header(const fs::path& path) {
    std::error_code failed;
    const auto size = fs::file_size(path, failed);
    if (failed) return "it cannot be read: " + failed.message();
    if (size == 0) return "it is empty, so it was cut short or is not Tallycast's";
    std::array<char, 100> raw{};
    std::ifstream in(path, std::ios::binary);
    if (!in.read(raw.data(), raw.size()) && in.gcount() == 0) return "it cannot be read";
    const std::string_view header(raw.data(), raw.size());
    if (size < raw.size() || !header.starts_with(sqlite_magic))
        return "it is not a SQLite database";
    if (big_endian(header.substr(68, 4)) != application_id) return "it belongs to another program";
    if (big_endian(header.substr(60, 4)) > schema_version)
        return "it was written by a newer Tallycast";

    const auto page = big_endian(header.substr(16, 2));
    const auto expected =
        std::uint64_t{page == 1 ? 65536 : page} * big_endian(header.substr(28, 4));
    const auto log_size = fs::file_size(path.string() + "-wal", failed);
    const bool log_may_hold_the_rest = !failed && log_size > 0;
    if (size < expected && !log_may_hold_the_rest) return "it was cut short";
    return std::nullopt;
}

std::string reason(const database& db) {
    return db.busy() ? "it is in use by another process" : "it is damaged: " + db.error();
}

std::optional<std::string> fault_in_content(database& db) {
    if (!db.run("PRAGMA locking_mode=EXCLUSIVE")) return reason(db);
    const auto owner = db.number("PRAGMA application_id");  // the first read takes the lock
    const auto version = db.number("PRAGMA user_version");
    if (!owner || !version || !db.number("SELECT count(*) FROM sqlite_schema")) return reason(db);
    if (*owner != application_id) return "it belongs to another program";
    if (*version > schema_version) return "it was written by a newer Tallycast";
    if (*version < oldest_readable) return "its layout is unknown";
    const auto verdict = db.text("PRAGMA quick_check(1)");
    if (!verdict) return reason(db);
    if (*verdict != "ok") return "it is damaged: " + *verdict;
    return std::nullopt;
}

const char* synchronous(durability level) {
    switch (level) {
        case durability::memory: return "PRAGMA synchronous=OFF";
        case durability::async: return "PRAGMA synchronous=NORMAL";
        case durability::fsync: break;
    }
    return "PRAGMA synchronous=FULL";
}

// One transaction: a file that was cut off in the middle is still of the version before.
bool bring_up_to_date(database& db) {
    const auto version = db.number("PRAGMA user_version");
    if (version == schema_version) return true;
    return db.run("BEGIN IMMEDIATE") && (version != 1 || db.run(upgrade_from_1)) &&
           db.run(upgrade_from_2) && db.run(pragma("user_version", schema_version).c_str()) &&
           db.run("COMMIT");
}

base::result<database> open_nowhere() {
    database db;
    if (!db.open(std::string(in_memory)) || !lay_out(db)) return unusable(":memory:", db.error());
    return db;
}

}  // namespace

std::string data_file_path(const store_options& options) {
    if (options.data_dir == in_memory) return options.data_dir;
    return (fs::path(options.data_dir) / "tallycast.db").string();
}

base::failure unusable(const std::string& path, const std::string& why) {
    return {base::errc::store_unavailable, "The store cannot use " + path + ": " + why + "."};
}

base::result<database> open_to_read(const store_options& options) {
    if (options.data_dir == in_memory) return open_nowhere();
    const auto name = data_file_path(options);
    const fs::path path(name);
    std::string why;
    if (!make_directory(path.parent_path(), why)) return unusable(name, why);
    std::error_code failed;
    if (!fs::exists(path, failed)) {
        if (failed) return unusable(name, failed.message());
        if (!make_file(path, why)) return unusable(name, why);
    }
    if (const auto fault = fault_in_header(path)) return unusable(name, *fault);
    database db;
    if (!db.open(name)) return unusable(name, "it cannot be opened: " + db.error());
    if (db.read_only()) return unusable(name, "it cannot be written");
    // Until everything has been read and found right, not even closing may change the file.
    if (!db.fold_on_close(false)) return unusable(name, db.error());
    if (const auto fault = fault_in_content(db)) return unusable(name, *fault);
    return db;
}

base::result<void> begin_writing(database& db, const store_options& options) {
    const auto name = data_file_path(options);
    if (!db.fold_on_close(true)) return unusable(name, db.error());
    const bool kept = options.data_dir != in_memory;
    if (kept && db.text("PRAGMA journal_mode=WAL") != "wal") return unusable(name, reason(db));
    if (!db.run(synchronous(kept ? options.level : durability::memory)))
        return unusable(name, db.error());
    if (!bring_up_to_date(db))
        return unusable(name, "it cannot be brought up to date: " + db.error());
    if (!db.run("BEGIN IMMEDIATE; INSERT OR REPLACE INTO trial VALUES(1, 0); COMMIT"))
        return unusable(name, "it cannot be written: " + db.error());
    return {};
}

}  // namespace tallycast::embedded
