// Everything about a server that its operator may choose. Times are upper bounds; they are kept to a quarter of a second.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <boost/asio/ip/tcp.hpp>

namespace clientele {

struct ServerOptions {
  boost::asio::ip::tcp::endpoint listen{boost::asio::ip::address_v4::loopback(), 8080};
  std::uint32_t io_threads = 0;  // Event loops, and as many threads for expensive queries. 0: one a core.

  // Of one request. What is longer is answered 414, 431 and 413.
  std::size_t max_uri_bytes = 16'384;
  std::size_t max_header_bytes = 16'384;  // All header fields together.
  std::uint64_t max_body_bytes = 65'536;  // Of bodies that nobody has asked for: they are read and dropped.

  // Of what is written. What is longer is answered 413, lines of a bulk request as lines that failed.
  std::uint64_t max_record_bytes = 1'048'576;    // One record or patch, also when decompressed.
  std::uint64_t bulk_batch_lines = 4'000;        // Lines of a bulk request that are written together, at most,
  std::uint64_t bulk_batch_bytes = 8'388'608;    // and their bytes.
  std::uint32_t bulk_batches_ahead = 3;          // Batches of one request that are being written at a time,
  std::uint32_t bulk_batches_ahead_all = 12;     // and of all, though one of each: fewer than the engine lets wait.
  std::uint64_t max_atomic_lines = 100'000;      // Of an atomic request, which is one batch,
  std::uint64_t max_atomic_bytes = 268'435'456;  // and its bytes.
  std::size_t max_bulks = 8;                     // Bulk requests at a time; one more is told 503.

  std::size_t max_connections = 10'000;  // One more is told 503 and closed.
  std::size_t max_waiting = 256;         // Expensive queries that wait for a thread; one more is told 503.
  std::size_t max_streams = 64;          // Streamed replies under way; one more is told 503.

  std::chrono::milliseconds query_timeout{10'000};    // From a request's arrival to the first byte of its answer; then 503.
  std::chrono::milliseconds request_timeout{10'000};  // From a request's first byte to its last, or the next of a bulk; then 408.
  std::chrono::milliseconds idle_timeout{75'000};     // Without a request; then the connection is closed.
  std::chrono::milliseconds write_timeout{30'000};    // For the reader to take one piece (at most some 256 KiB, or one page).
  std::chrono::milliseconds stop_timeout{10'000};     // For what is under way at a stop; then it is cut.

  // Time that a query may take on the thread that also serves other connections; if it needs more it starts anew on a thread
  // for expensive queries.
  std::chrono::microseconds inline_budget{4'000};
  std::uint64_t inline_rows = 200;  // Pages up to this many rows are one buffer; longer ones are streamed.
  std::size_t stream_piece_bytes = 262'144;
};

}  // namespace clientele
