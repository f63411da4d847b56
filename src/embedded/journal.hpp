#pragma once
// The file as the store's thread writes it: one transaction at a time, all or nothing. After a
// failure nothing is written until a small trial write has worked; the caller takes back what it
// had in memory.

#include "rows.hpp"
#include "sqlite.hpp"

#include <tallycast/base/error.hpp>
#include <tallycast/base/time.hpp>
#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/log.hpp>
#include <tallycast/ports/meter.hpp>

#include <optional>
#include <string>

namespace tallycast::embedded {

inline constexpr base::milliseconds trial_interval{500};

class journal {
public:
    journal(database db, rows tables, std::string path, const ports::clock& clock,
            ports::meter& meter, ports::log& log);

    bool writable() const noexcept { return !next_trial_; }
    std::optional<base::mono_time> next_trial() const noexcept { return next_trial_; }

    // Runs `write(rows&)` in a transaction of its own. False: nothing of it is in the file.
    template <class Write>
    bool transact(Write&& write) {
        return writable() && attempt(write);
    }

    // When the file could not be written and the time has come: tries it. True once it works again.
    bool try_again(base::mono_time now);

    static base::failure unavailable();

private:
    template <class Write>
    bool attempt(Write& write) {
        const auto began = clock_.mono();
        if (db_.run("BEGIN IMMEDIATE") && write(tables_) && db_.run("COMMIT")) {
            committed(began);
            return true;
        }
        failed();
        return false;
    }

    void committed(base::mono_time began);
    void failed();

    // The statements end before the connection they belong to.
    database db_;
    rows tables_;
    std::string path_;
    const ports::clock& clock_;
    ports::meter& meter_;
    ports::log& log_;
    std::optional<base::mono_time> next_trial_;
};

}  // namespace tallycast::embedded
