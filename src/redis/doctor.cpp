#include <tallycast/redis/doctor.hpp>

#include "diagnosis.hpp"
#include "survey.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

finding cannot_begin(const base::failure& why) {
    return {finding_severity::problem, why.detail, "Correct --store or --store-ca."};
}

}  // namespace

std::vector<finding> examine(const store_options& options, const ports::clock& clock) {
    auto where = parse_deployment(options.url);
    if (!where) return {cannot_begin(where.error())};
    asio::io_context io(1);
    dialling how{io.get_executor(), {}, where->login, {}};
    how.options.ca_file = options.ca_file;
    if (where->tls) {
        auto tls = make_tls_context(options.ca_file);
        if (!tls) return {cannot_begin(tls.error())};
        how.tls = std::move(*tls);
    }
    auto asked = asio::co_spawn(io, survey_of(how, *where, clock), asio::use_future);
    io.run();
    return diagnosed(asked.get(), options.level);
}

}  // namespace tallycast::redis
