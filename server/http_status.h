// The one place where our status codes become HTTP's.
#pragma once

#include <absl/status/status.h>
#include <boost/beast/http/status.hpp>

namespace clientele {

boost::beast::http::status ToHttp(absl::StatusCode code);

}  // namespace clientele
