#include <tallycast/wire/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace tallycast::wire {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr base::wall_time first_named = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr base::wall_time past_named = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);

void append_digits(std::string& out, std::int64_t value, int width) {
    char digits[4];
    for (int i = width; i-- > 0; value /= 10) digits[i] = static_cast<char>('0' + value % 10);
    out.append(digits, static_cast<std::size_t>(width));
}

// Takes the text apart from its front; once something did not fit, it stays unfit.
class cursor {
public:
    explicit cursor(std::string_view text) : rest_(text) {}

    bool fits() const { return fits_; }
    bool at_end() const { return rest_.empty(); }

    int number(std::size_t digits) {
        if (rest_.size() < digits) return fail();
        int value = 0;
        for (const char c : rest_.substr(0, digits)) {
            if (c < '0' || c > '9') return fail();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }

    char one_of(std::string_view allowed) {
        if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos)
            return static_cast<char>(fail());
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    // The milliseconds of a fraction, if there is one.
    base::milliseconds fraction() {
        if (rest_.empty() || rest_.front() != '.') return {};
        rest_.remove_prefix(1);
        const auto length = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        if (length < 1 || length > 9) return base::milliseconds{fail()};
        int value = 0;
        for (std::size_t i = 0; i < 3; ++i) value = value * 10 + (i < length ? rest_[i] - '0' : 0);
        rest_.remove_prefix(length);
        return base::milliseconds{value};
    }

private:
    int fail() {
        fits_ = false;
        rest_ = {};
        return 0;
    }

    std::string_view rest_;
    bool fits_ = true;
};

minutes read_offset(cursor& text, bool& fits) {
    const char sign = text.one_of("Zz+-");
    if (sign != '+' && sign != '-') return minutes{0};
    const int h = text.number(2);
    text.one_of(":");
    const int m = text.number(2);
    fits = fits && h <= 23 && m <= 59;
    const minutes offset = hours{h} + minutes{m};
    return sign == '-' ? -offset : offset;
}

}  // namespace

void append_rfc3339(std::string& out, base::wall_time t) {
    t = std::clamp(t, first_named, past_named - base::milliseconds{1});
    const auto day = std::chrono::floor<days>(t);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{t - day};
    append_digits(out, static_cast<int>(date.year()), 4);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_digits(out, clock.hours().count(), 2);
    out += ':';
    append_digits(out, clock.minutes().count(), 2);
    out += ':';
    append_digits(out, clock.seconds().count(), 2);
    out += '.';
    append_digits(out, clock.subseconds().count(), 3);
    out += 'Z';
}

std::string rfc3339(base::wall_time t) {
    std::string text;
    text.reserve(24);
    append_rfc3339(text, t);
    return text;
}

std::optional<base::wall_time> parse_rfc3339(std::string_view text) {
    cursor at{text};
    const int year = at.number(4);
    at.one_of("-");
    const int month = at.number(2);
    at.one_of("-");
    const int day = at.number(2);
    at.one_of("Tt");
    const int hour = at.number(2);
    at.one_of(":");
    const int minute = at.number(2);
    at.one_of(":");
    const int second = at.number(2);
    const auto fraction = at.fraction();
    bool fits = hour <= 23 && minute <= 59 && second <= 60;
    const auto offset = read_offset(at, fits);
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!fits || !at.fits() || !at.at_end() || !date.ok()) return std::nullopt;
    return std::chrono::sys_days{date} + hours{hour} + minutes{minute} + seconds{second} +
           fraction - offset;
}

}  // namespace tallycast::wire
