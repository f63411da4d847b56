#include <tallycast/wire/qr_code.hpp>

#include "json_text.hpp"

#include <qrencode.h>

#include <memory>

namespace tallycast::wire {

std::optional<qr_code> qr_code::of(std::string_view text) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> made(
        QRcode_encodeString(std::string(text).c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), QRcode_free);
    if (!made) return std::nullopt;
    qr_code code;
    code.size_ = made->width;
    const auto modules = static_cast<std::size_t>(made->width) * made->width;
    code.dark_.resize(modules);
    for (std::size_t i = 0; i < modules; ++i) code.dark_[i] = (made->data[i] & 1) != 0;
    return code;
}

bool qr_code::dark(int x, int y) const {
    const bool inside = x >= 0 && y >= 0 && x < size_ && y < size_;
    return inside && dark_[static_cast<std::size_t>(y) * size_ + x];
}

std::string qr_code::path() const {
    std::string out;
    for (int y = 0; y < size_; ++y) {
        for (int x = 0; x < size_; ++x) {
            int run = 0;
            while (dark(x + run, y)) ++run;
            if (run == 0) continue;
            append_number(out += 'M', x);
            append_number(out += ' ', y);
            append_number(out += 'h', run);
            append_number(out += "v1h-", run);
            out += 'z';
            x += run;  // and over the light one behind it
        }
    }
    return out;
}

}  // namespace tallycast::wire
