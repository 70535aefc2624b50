#include "server/listen_address.h"

#include <string>

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include "index/absl_view.h"

namespace clientele {

namespace net = boost::asio;

absl::StatusOr<net::ip::tcp::endpoint> ParseListenAddress(std::string_view text) {
  const auto bad = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen: expected ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080, got '", AbslView(text), "'"));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  std::uint32_t port = 0;
  const bool digits_only = port_text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits_only || !absl::SimpleAtoi(AbslView(port_text), &port) || port > 65'535) return bad();
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const net::ip::address address = net::ip::make_address(std::string(host), error);
  if (error || address.is_v6() != bracketed) return bad();
  return net::ip::tcp::endpoint(address, static_cast<std::uint16_t>(port));
}

absl::Status CheckExposure(const net::ip::tcp::endpoint& endpoint, bool has_keys) {
  if (has_keys || endpoint.address().is_loopback()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("--listen ", endpoint.address().to_string(),
                   ": without --keys only a loopback address may be bound, as anybody could read every client. Make a key with "
                   "`clientele keys add` and give its file with --keys, or listen on 127.0.0.1"));
}

}  // namespace clientele
