#pragma once
// Small files as text: the configuration and the keys.

#include <tallycast/base/error.hpp>

#include <string>

namespace tallycast::config {

// The whole file. Fails with a sentence when it cannot be read, is no plain file, or is over 1 MiB.
base::result<std::string> read_text_file(const std::string& path);

}  // namespace tallycast::config
