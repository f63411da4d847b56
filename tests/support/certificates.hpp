#pragma once
// An authority made for one test, and a server certificate of it for 127.0.0.1.

#include <support/temporary_folder.hpp>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace tallycast::test {

class certificates {
public:
    certificates() {
        make(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
            "-subj /CN=test-authority -keyout ca.key -out ca.pem");
        make(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server "
            "-addext subjectAltName=IP:127.0.0.1 -keyout server.key -out server.csr");
        make(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
            "-copy_extensions copy -out server.pem");
    }

    std::string authority() const { return folder_.path() + "/ca.pem"; }
    std::string certificate() const { return folder_.path() + "/server.pem"; }
    std::string key() const { return folder_.path() + "/server.key"; }

private:
    void make(const std::string& what) const {
        const auto command = "cd " + folder_.path() + " && openssl " + what + " 2>openssl.log";
        if (std::system(command.c_str()) != 0)
            throw std::runtime_error("openssl failed: " + command);
    }
    temporary_folder folder_;
};

}  // namespace tallycast::test
