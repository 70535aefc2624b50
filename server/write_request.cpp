#include "server/write_request.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include "engine/query_parser.h"
#include "index/absl_view.h"
#include "server/entity_tag.h"

namespace clientele {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kIdempotencyKeyBytesMax = 255;

constexpr std::string_view kRecordTypes[] = {"application/json"};
constexpr std::string_view kPatchTypes[] = {"application/merge-patch+json", "application/json"};
constexpr std::string_view kBulkTypes[] = {"application/x-ndjson", "application/ndjson", "application/json"};

Problem Bad(http::status status, std::string detail) {
  return {.status = status, .detail = std::move(detail), .errors = {}};
}

std::string_view Stripped(std::string_view text) {
  return StdView(absl::StripAsciiWhitespace(AbslView(text)));
}

std::optional<Problem> CheckContentType(const RequestHead& head, std::span<const std::string_view> types) {
  // Parameters, such as a charset, change nothing: JSON is UTF-8.
  const std::string_view given = Stripped(std::string_view(head.content_type.text).substr(0, head.content_type.text.find(';')));
  const auto is_given = [&](std::string_view type) { return absl::EqualsIgnoreCase(AbslView(type), AbslView(given)); };
  if (std::ranges::any_of(types, is_given)) return std::nullopt;
  std::string expected;
  for (const std::string_view type : types) absl::StrAppend(&expected, expected.empty() ? "" : " or ", AbslView(type));
  return Bad(http::status::unsupported_media_type, absl::StrCat("Content-Type: expected ", expected));
}

std::optional<Problem> ParseCoding(const RequestHead& head, ContentCoding& coding) {
  const std::string name = absl::AsciiStrToLower(head.content_encoding.text);
  if (name.empty() || name == "identity") return std::nullopt;
  if (name == "gzip" || name == "x-gzip") {
    coding = ContentCoding::kGzip;
  } else if (name == "zstd") {
    coding = ContentCoding::kZstd;
  } else {
    Problem problem = Bad(http::status::unsupported_media_type, "Content-Encoding: expected gzip or zstd");
    problem.header_lines = "Accept-Encoding: gzip, zstd\r\n";
    return problem;
  }
  return std::nullopt;
}

// Body, type and coding.
std::optional<Problem> CheckBody(const RequestHead& head, const ServerOptions& options, WriteRequest& request) {
  std::span<const std::string_view> types = kRecordTypes;
  if (request.kind == WriteKind::kPatch) types = kPatchTypes;
  if (request.is_bulk) types = kBulkTypes;
  if (auto problem = CheckContentType(head, types)) return problem;
  if (auto problem = ParseCoding(head, request.coding)) return problem;
  if (!head.content_length && !head.is_chunked) {
    return Bad(http::status::length_required, "expected a body: Content-Length, or Transfer-Encoding: chunked");
  }
  if (!request.is_bulk && head.content_length.value_or(0) > options.max_record_bytes) {
    return Bad(http::status::payload_too_large,
               absl::StrCat("the body is longer than ", options.max_record_bytes, " bytes; many records go to /clients/bulk"));
  }
  return std::nullopt;
}

std::optional<Problem> ParsePrecondition(const RequestHead& head, WriteRequest& request) {
  const bool has_match = head.if_match.count > 0, has_none_match = head.if_none_match.count > 0;
  if (!has_match && !has_none_match) return std::nullopt;
  if (!request.id || request.is_bulk) {
    return Bad(http::status::bad_request, "If-Match and If-None-Match are for requests to one client, /clients/{id}");
  }
  if (has_none_match) {
    const auto tags = ParseEntityTags(head.if_none_match.text);
    if (request.kind != WriteKind::kPut || has_match || !tags || !tags->any) {
      return Bad(http::status::bad_request, "If-None-Match: expected *, on PUT, and without If-Match");
    }
    request.precondition.kind = Precondition::Kind::kAbsent;
    return std::nullopt;
  }
  const auto tags = ParseEntityTags(head.if_match.text);
  if (!tags) return Bad(http::status::bad_request, "If-Match: expected * or entity-tags, such as \"0123456789abcdef\"");
  request.precondition.kind = tags->any ? Precondition::Kind::kPresent : Precondition::Kind::kVersionIn;
  request.precondition.versions = tags->strong;  // Weak ones never match here (RFC 9110, 13.1.1).
  return std::nullopt;
}

std::optional<Problem> ParseIdempotencyKey(const RequestHead& head, std::string_view caller, std::string_view path,
                                           WriteRequest& request) {
  if (head.idempotency_key.count == 0) return std::nullopt;
  if (request.kind != WriteKind::kCreate || request.is_bulk) {
    return Bad(http::status::bad_request, "Idempotency-Key is for POST /clients; other requests can be repeated as they are");
  }
  const std::string& key = head.idempotency_key.text;
  const bool is_fit = !key.empty() && key.size() <= kIdempotencyKeyBytesMax && head.idempotency_key.count == 1 &&
                      std::ranges::all_of(key, [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
  if (!is_fit)
    return Bad(http::status::bad_request, "Idempotency-Key: expected one field of 1 to 255 printable ASCII characters");
  // Names of keys hold no colon.
  request.idempotency_key = absl::StrCat(AbslView(caller), ":", key);
  request.method_and_path = absl::StrCat("POST ", AbslView(path), "\n");
  return std::nullopt;
}

// Prefer: return=minimal (RFC 7240); other preferences may be ignored.
bool PrefersMinimal(std::string_view prefer) {
  for (const absl::string_view preference : absl::StrSplit(AbslView(prefer), ',')) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(preference, absl::MaxSplits('=', 1));
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts.first), "return")) continue;
    const absl::string_view value = absl::StripAsciiWhitespace(parts.second);
    return value == "minimal" || value == "\"minimal\"";
  }
  return false;
}

WriteKind KindOf(http::verb method, bool is_bulk) {
  switch (method) {
    case http::verb::put: return WriteKind::kPut;
    case http::verb::patch: return WriteKind::kPatch;
    case http::verb::delete_: return WriteKind::kDelete;
    default: return is_bulk ? WriteKind::kPut : WriteKind::kCreate;
  }
}

}  // namespace

std::optional<Problem> ParseFlags(std::string_view query_string, std::initializer_list<Flag> flags) {
  auto decoded = DecodeQueryString(query_string);
  if (auto* errors = std::get_if<ParameterErrors>(&decoded)) return BadParameters(std::move(*errors));
  ParameterErrors errors;
  for (const auto& [name, value] : std::get<std::vector<Parameter>>(decoded)) {
    const auto* const flag = std::ranges::find(flags, std::string_view(name), &Flag::name);
    if (flag == flags.end()) {
      if (errors.size() < 100) errors[name].assign(1, "unknown parameter here");
    } else if (value == "true" || value == "1" || value == "false" || value == "0") {
      *flag->value = value == "true" || value == "1";
    } else if (!value.empty()) {
      errors[name].assign(1, "expected true, false, 1 or 0");
    }
  }
  if (errors.empty()) return std::nullopt;
  return BadParameters(std::move(errors));
}

std::variant<WriteRequest, Problem> ParseWriteRequest(const RequestHead& head, const Route& route, std::string_view caller,
                                                      const ServerOptions& options) {
  WriteRequest request;
  request.is_bulk = route.kind == Route::Kind::kBulk;
  request.kind = KindOf(head.method, request.is_bulk);
  request.clients_path = route.clients_path;
  if (route.kind == Route::Kind::kClient) request.id = route.id;
  request.wants_record = !PrefersMinimal(head.prefer.text);
  bool purge = false;
  std::optional<Problem> problem;
  if (request.is_bulk) {
    problem = ParseFlags(route.query_string, {{"atomic", &request.atomic}, {"dry_run", &request.dry_run}});
  } else if (request.kind == WriteKind::kDelete) {
    problem = ParseFlags(route.query_string, {{"purge", &purge}});
    if (purge) request.kind = WriteKind::kPurge;
  } else {
    problem = ParseFlags(route.query_string, {});
  }
  if (!problem && request.takes_body()) problem = CheckBody(head, options, request);
  if (!problem) problem = ParsePrecondition(head, request);
  if (!problem) problem = ParseIdempotencyKey(head, caller, route.path, request);
  if (problem) return *std::move(problem);
  return request;
}

std::string_view AllowedMethods(Route::Kind kind, bool can_write) {
  switch (kind) {
    case Route::Kind::kClients: return can_write ? "GET, HEAD, POST" : "GET, HEAD";
    case Route::Kind::kClient: return can_write ? "GET, HEAD, PUT, PATCH, DELETE" : "GET, HEAD";
    case Route::Kind::kBulk: return can_write ? "POST" : "";
    default: return "GET, HEAD";
  }
}

// Asked of every request, so without looking at the names.
bool IsAllowed(Route::Kind kind, http::verb method, bool can_write) {
  const bool reads = method == http::verb::get || method == http::verb::head;
  switch (kind) {
    case Route::Kind::kClients: return reads || (can_write && method == http::verb::post);
    case Route::Kind::kClient:
      return reads || (can_write && (method == http::verb::put || method == http::verb::patch || method == http::verb::delete_));
    case Route::Kind::kBulk: return can_write && method == http::verb::post;
    default: return reads;
  }
}

}  // namespace clientele
