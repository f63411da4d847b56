#pragma once
// The file's layout, version 3. Times are milliseconds since the epoch, enumerations their domain
// values.
//
// poll and round split a poll: round holds the definition under which its ballots were given, and
// the poll's own definition is that of its current round. A ledger row goes with each round and
// carries its version. flag holds those that were set once, by name. vote_log is the only record of
// ballots (log_codec.hpp), in the order they were decided. trial is written to learn whether
// writing works again.

#include <cstddef>
#include <cstdint>

namespace tallycast::embedded {

inline constexpr std::int64_t application_id = 0x74616c79;
inline constexpr std::int64_t schema_version = 3;
inline constexpr std::int64_t oldest_readable = 1;  // brought up to date when writing begins

// From version 1, whose polls stood by age alone and whose events all looked the same.
inline constexpr const char* upgrade_from_1 =
    "ALTER TABLE poll ADD COLUMN position INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE event ADD COLUMN accent TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE event ADD COLUMN logo TEXT NOT NULL DEFAULT ''";

// From version 2, which had no flags. The text is that of the table below.
inline constexpr const char* upgrade_from_2 =
    "CREATE TABLE flag("
    "    name TEXT PRIMARY KEY, is_set INTEGER NOT NULL, value TEXT NOT NULL,"
    "    changed_at INTEGER NOT NULL) STRICT, WITHOUT ROWID";

inline constexpr std::size_t secret_bytes = 32;

inline constexpr const char* schema_sql = R"sql(
CREATE TABLE tenant(
    id TEXT PRIMARY KEY, name TEXT NOT NULL, max_events INTEGER NOT NULL,
    max_polls INTEGER NOT NULL, max_voters INTEGER NOT NULL,
    created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE host_key(
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
    prefix TEXT NOT NULL, label TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE event(
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, title TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE, locale TEXT NOT NULL, revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL, numbers_taken INTEGER NOT NULL,
    accent TEXT NOT NULL, logo TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE poll(
    id TEXT PRIMARY KEY, event TEXT NOT NULL, tenant TEXT NOT NULL,
    status INTEGER NOT NULL, round INTEGER NOT NULL, revision INTEGER NOT NULL,
    ballot_revision INTEGER NOT NULL, created_at INTEGER NOT NULL, opened_at INTEGER,
    closed_at INTEGER, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE round(
    poll TEXT NOT NULL, number INTEGER NOT NULL, type INTEGER NOT NULL,
    question TEXT NOT NULL, min_choices INTEGER NOT NULL, max_choices INTEGER NOT NULL,
    allow_change INTEGER NOT NULL, scale INTEGER, visibility INTEGER NOT NULL,
    opens_at INTEGER, closes_at INTEGER, grace_ms INTEGER NOT NULL,
    PRIMARY KEY(poll, number)) STRICT, WITHOUT ROWID;

CREATE TABLE option(
    poll TEXT NOT NULL, round INTEGER NOT NULL, place INTEGER NOT NULL,
    id TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY(poll, round, place)) STRICT, WITHOUT ROWID;

CREATE TABLE ledger(
    poll TEXT NOT NULL, round INTEGER NOT NULL, version INTEGER NOT NULL,
    received INTEGER NOT NULL, counted INTEGER NOT NULL, changed INTEGER NOT NULL,
    replayed INTEGER NOT NULL, withdrawn INTEGER NOT NULL, invalid INTEGER NOT NULL,
    unauthorised INTEGER NOT NULL, not_open INTEGER NOT NULL, late INTEGER NOT NULL,
    already_voted INTEGER NOT NULL, limited INTEGER NOT NULL,
    overloaded INTEGER NOT NULL, store INTEGER NOT NULL,
    PRIMARY KEY(poll, round)) STRICT, WITHOUT ROWID;

CREATE TABLE vote_log(
    seq INTEGER PRIMARY KEY, poll TEXT NOT NULL, round INTEGER NOT NULL,
    actions BLOB NOT NULL) STRICT;
CREATE INDEX vote_log_by_poll ON vote_log(poll);

CREATE TABLE secret(
    id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE flag(
    name TEXT PRIMARY KEY, is_set INTEGER NOT NULL, value TEXT NOT NULL,
    changed_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE trial(
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
)sql";

}  // namespace tallycast::embedded
