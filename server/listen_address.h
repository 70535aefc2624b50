// Where to listen, as people write it.
#pragma once

#include <string_view>

#include <absl/status/statusor.h>
#include <boost/asio/ip/tcp.hpp>

namespace clientele {

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080", "0.0.0.0:80"; port 0 lets the system choose. Names other than localhost are
// refused: what they resolve to, and so who can reach the server, may change between two starts.
absl::StatusOr<boost::asio::ip::tcp::endpoint> ParseListenAddress(std::string_view text);

// FailedPrecondition when anybody beyond this machine could reach the address and no keys are asked for.
absl::Status CheckExposure(const boost::asio::ip::tcp::endpoint& endpoint, bool has_keys);

}  // namespace clientele
