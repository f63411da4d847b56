#pragma once
// Finding, making and opening <data_dir>/tallycast.db. An existing file is looked at before SQLite
// may write a byte of it, so whatever is refused stays as it was. A new one is made complete under
// another name and then renamed: a file with our name is never half-made.

#include "sqlite.hpp"

#include <tallycast/base/error.hpp>
#include <tallycast/embedded/store.hpp>

#include <string>

namespace tallycast::embedded {

std::string data_file_path(const store_options& options);

// Open, ours, sound and held by nobody else, but not yet to be written.
base::result<database> open_to_read(const store_options& options);

// From here on the file is written, as durably as the options ask.
base::result<void> begin_writing(database& db, const store_options& options);

// The one shape of failure at opening: names the file, says what is wrong with it.
base::failure unusable(const std::string& path, const std::string& why);

}  // namespace tallycast::embedded
