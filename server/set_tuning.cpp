#include "server/set_tuning.h"

#include "server/command_line.h"

namespace clientele {

void AddSetTuning(CLI::App& command, ClientSetOptions& options) {
  const auto size = [&](const char* name, auto& value, int least, const char* help) {
    command.add_option(name, value, help)
        ->group("Tuning of a live set")
        ->type_name("N")
        ->capture_default_str()
        ->check(WholeNumber())
        ->check(CLI::Range(least, 1'000'000'000).description(""));
  };
  MergePolicyOptions& policy = options.maintenance.policy;
  size("--live-rows", options.live_capacity, 1, "Rows of the live table from which on it becomes a segment in memory");
  size("--segment-rows", options.segment_rows, 1,
       "Records of one batch, or changes of one group, from which on they are a segment of their own at once");
  size("--memory-segments", policy.memory_segments_max, 2,
       "Segments in memory from which on the smaller ones are merged into one");
  size("--file-rows", policy.file_rows, 1, "Rows of segments in memory from which on they become a file, and leave the log");
  size("--tier-width", policy.tier_width, 2, "Files of about the same size that are merged into one");
  size("--log-rows", options.maintenance.log_rows_max, 0,
       "Rows of the log from which on all that is in memory becomes a file: bounds what a restart replays");
  size("--checkpoint-bytes", options.store.checkpoint_from_bytes, 0,
       "Bytes of live.db-wal from which on it is carried over to live.db; it is made a quarter longer than this");
}

}  // namespace clientele
