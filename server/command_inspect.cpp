#include "server/command_inspect.h"

#include <filesystem>
#include <memory>
#include <string>

#include "engine/live_store.h"
#include "index/snapshot_directory.h"
#include "server/command_line.h"
#include "server/inspect_live.h"
#include "server/inspect_records.h"
#include "server/inspect_snapshot.h"

namespace clientele {
namespace {

constexpr const char* kHelp =
    "Reads the first records of a file in any form that can be loaded and prints, for every member\n"
    "or column, how many records have it and what stands in it; then a first mapping (see\n"
    "docs/mapping.md), guessed from names and contents, and how many records each field gets.\n"
    "Of a snapshot's folder, or a file in it: rows, bytes of every column and index, time range.\n"
    "Of a live set's: its segment files with rows, dead rows and bytes, and its log. A server may be\n"
    "using it meanwhile.\n"
    "\n"
    "Examples:\n"
    "  clientele inspect customers.csv                            look at a file\n"
    "  clientele inspect customers.csv --mapping-out customers.toml\n"
    "  clientele load --map customers.toml customers.csv          load it with the mapping, put right\n"
    "  zcat export.gz | clientele inspect - --sample 0            all of standard input\n"
    "  clientele inspect snapshot --verify                        a snapshot, every byte of it\n"
    "  clientele inspect live                                     a live set\n"
    "\n"
    "Exit status: 0 inspected, 2 not.\n";

struct InspectFlags {
  InspectRecordsFlags records;
  InspectSnapshotFlags snapshot;
};

// The folder of the snapshot or live set that is meant: the path itself or, when that is a segment file of it, where it lies. A
// folder that is none is told so by opening it. Empty: the path is a file of records.
std::string SnapshotFolder(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return path;
  const std::filesystem::path file(path);
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  return file.extension() == ".clientele" && (IsSnapshotDirectory(folder) || IsLiveFolder(folder)) ? folder : "";
}

// One place decides by the path what is being looked at.
int RunInspect(InspectFlags& flags) {
  flags.snapshot.folder = SnapshotFolder(flags.records.path);
  if (flags.snapshot.folder.empty()) return InspectRecords(flags.records);
  return IsLiveFolder(flags.snapshot.folder) ? InspectLive(flags.snapshot) : InspectSnapshot(flags.snapshot);
}

}  // namespace

void AddInspectCommand(CLI::App& app, int& exit_status) {
  CLI::App* command =
      app.add_subcommand("inspect", "Look into a file of records and guess a mapping for it, or into a snapshot or live set");
  command->footer(kHelp);
  auto flags = std::make_shared<InspectFlags>();
  InspectRecordsFlags& records = flags->records;
  command
      ->add_option("path", records.path, "File of records in any shape, - is standard input; or folder of a snapshot or live set")
      ->required()
      ->type_name("PATH");
  command->add_option("--sample", records.sample, "Look at the first N records; 0: at all")
      ->type_name("N")
      ->capture_default_str()
      ->check(WholeNumber());
  command->add_option("--mapping-out", records.mapping_out, "Write the guessed mapping to a new file")->type_name("FILE");
  command
      ->add_option_function<std::string>(
          "--format", [flags](const std::string& name) { flags->records.format = *FindInputFormat(name); },
          "Format of the file: ndjson, json, csv or tsv (default: by content)")
      ->type_name("FORMAT")
      ->check(CLI::Validator(
          [](const std::string& name) {
            return FindInputFormat(name) ? std::string() : "expected ndjson, json, csv or tsv, got '" + name + "'";
          },
          ""));
  command->add_flag("--verify", flags->snapshot.verify, "Of a snapshot or live set: read everything and verify every checksum");
  command->add_flag("--json", flags->snapshot.json, "Of a snapshot or live set: one JSON object instead of tables");
  command->callback([flags, &exit_status] { exit_status = RunInspect(*flags); });
}

}  // namespace clientele
