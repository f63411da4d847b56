#pragma once
// Where the files of the pages come from: built into the program, or a folder of the operator's.

#include <tallycast/net/static_assets.hpp>

#include <filesystem>
#include <memory>
#include <vector>

namespace tallycast::server {

// Nothing in a program that was built without the pages.
std::vector<net::asset_file> built_in_pages();

// All regular files of the folder and those in it, by their paths from it. Fails with one sentence
// when it cannot be read, or holds more than pages need.
base::result<std::vector<net::asset_file>> pages_in(const std::filesystem::path& folder);

// Those of the folder, or where that is empty those built in.
base::result<std::shared_ptr<const net::static_assets>> assets_of(const std::string& ui_dir);

}  // namespace tallycast::server
