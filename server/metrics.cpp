#include "server/metrics.h"

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"

namespace clientele {
namespace {

class MetricsWriter {
 public:
  // What goes up and down.
  template <class Number>
  void Gauge(std::string_view name, std::string_view help, Number value) {
    Add(name, "gauge", help, value);
  }
  // What only goes up, from 0 at the start of the program.
  template <class Number>
  void Counter(std::string_view name, std::string_view help, Number value) {
    Add(name, "counter", help, value);
  }

  std::string text;

 private:
  template <class Number>
  void Add(std::string_view name, std::string_view type, std::string_view help, Number value) {
    absl::StrAppend(&text, "# HELP clientele_", AbslView(name), " ", AbslView(help), "\n# TYPE clientele_", AbslView(name), " ",
                    AbslView(type), "\nclientele_", AbslView(name), " ", value, "\n");
  }
};

void AddSet(const ClientSetFigures& set, MetricsWriter& out) {
  out.Gauge("live_rows", "Clients in the live table.", set.live_rows);
  out.Gauge("dead_rows", "Rows of segments that were replaced or removed since.", set.dead_rows);
  out.Gauge("segments", "Segments, in memory and in files.", set.segments);
  out.Gauge("epoch", "Number of the current version.", set.epoch);
  out.Gauge("log_groups", "Batches in the log: not in segment files yet.", set.log.log_groups);
  out.Gauge("log_rows", "Changed clients in the log, which a restart replays.", set.log.log_rows);
  out.Gauge("log_bytes", "Bytes of the log before compression.", set.log.log_bytes);
  out.Gauge("write_ahead_bytes", "Bytes of live.db-wal that are not carried over to live.db.", set.log.write_ahead_bytes);
  out.Gauge("remembered_replies", "Replies kept by idempotency key.", set.log.replies);
  out.Counter("merges_total", "Merges of segments that were completed.", set.maintenance.merges);
  out.Counter("merged_rows_total", "Rows that merges wrote.", set.maintenance.merged_rows);
  out.Counter("merging_seconds_total", "Time that merges took.", set.maintenance.merging_seconds);
  out.Counter("segment_files_written_total", "Segment files written.", set.maintenance.files_written);
  out.Counter("segment_bytes_written_total", "Bytes of segment files written.", set.maintenance.bytes_written);
  out.Counter("maintenance_failures_total", "Merges and files that failed.", set.maintenance.failures);
  out.Counter("commit_groups_total", "Groups of batches that were committed together.", set.groups);
  out.Counter("write_batches_total", "Batches of writes that were committed, or refused as a whole.", set.batches);
  out.Gauge("write_batches_waiting", "Batches of writes that wait for a commit.", set.waiting);
}

}  // namespace

std::string MetricsText(const ServerFigures& figures) {
  MetricsWriter out;
  out.Counter("requests_total", "Requests answered.", figures.requests);
  out.Gauge("connections", "Connections that are open.", figures.connections);
  out.Gauge("streams", "Streamed replies under way.", figures.streams);
  out.Gauge("bulk_requests", "Bulk requests under way.", figures.bulks);
  out.Gauge("ready", "1 when lists are answered.", figures.clients ? 1 : 0);
  if (figures.clients) out.Gauge("clients", "Clients, those marked as deleted included.", *figures.clients);
  if (figures.set) AddSet(*figures.set, out);
  return std::move(out.text);
}

}  // namespace clientele
