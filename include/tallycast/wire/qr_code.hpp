#pragma once
// A text as a QR code (ISO/IEC 18004, error correction M): which modules are dark, and how a page
// draws them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::wire {

class qr_code {
public:
    // Nothing when the text is too long for any.
    static std::optional<qr_code> of(std::string_view text);

    int size() const noexcept { return size_; }  // modules a side, without the quiet zone
    // Also asked of the quiet zone around it, which is light.
    bool dark(int x, int y) const;

    // The dark modules as data of an SVG path, a module one unit: "M0 0h7v1h-7z…".
    std::string path() const;

private:
    int size_ = 0;
    std::vector<bool> dark_;  // row by row
};

}  // namespace tallycast::wire
