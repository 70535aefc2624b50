#include "server/inspect_records.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include <absl/strings/str_cat.h>

#include "index/absl_view.h"
#include "loader/json_pointer.h"
#include "loader/mapping_file.h"
#include "loader/mapping_guess.h"
#include "loader/mapping_trial.h"
#include "loader/sample_records.h"
#include "server/exit_status.h"
#include "server/inspect_report.h"
#include "server/terminal.h"

namespace clientele {
namespace {

std::string_view NameOf(BlockFormat format) {
  switch (format) {
    case BlockFormat::kLines: return "lines of JSON";
    case BlockFormat::kElements: return "a JSON array";
    case BlockFormat::kRows: return "a table";
  }
  return "";
}

std::string Records(std::uint64_t count) {
  return absl::StrCat(WithThousands(count), count == 1 ? " record" : " records");
}

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

// Counts the sample's members. Malformed records count as refused.
std::uint64_t Profile(RecordSample& sample, RecordProfile& profile) {
  std::uint64_t malformed = 0;
  RecordError error;
  for (std::size_t i = 0; i < sample.size(); ++i) malformed += profile.Add(sample.record(i), error) ? 0 : 1;
  return malformed;
}

void PrintHead(const InspectRecordsFlags& flags, const RecordSample& sample, std::uint64_t malformed) {
  const std::string name = flags.path == "-" ? "standard input" : flags.path;
  std::string text = absl::StrCat(name, ": ", AbslView(NameOf(sample.format())), ", ", sample.has_more() ? "the first " : "",
                                  Records(sample.size()));
  if (malformed + sample.broken() > 0) absl::StrAppend(&text, "; ", Records(malformed + sample.broken()), " malformed");
  Print(text + "\n\n");
}

void PrintTrial(const TrialReport& trial) {
  Print(absl::StrCat("\nWith this mapping ", WithThousands(trial.loaded), " of ", Records(trial.loaded + trial.refused), " load",
                     trial.refused > 0 ? "; the first that do not:" : ".", "\n"));
  for (const TrialReport::Refusal& refusal : trial.first_refusals) {
    Print(absl::StrCat("  ", refusal.line, ": ", refusal.error.pointer, refusal.error.pointer.empty() ? "" : ": ", "expected ",
                       refusal.error.expected, refusal.error.value.empty() ? "" : ", got ", refusal.error.value, "\n"));
  }
}

absl::Status WriteFile(const std::string& path, std::string_view text) {
  if (std::filesystem::exists(path))
    return absl::AlreadyExistsError(absl::StrCat(path, ": is there already; mappings are not overwritten"));
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? absl::OkStatus() : absl::UnavailableError(absl::StrCat(path, ": cannot be written"));
}

absl::Status Inspect(const InspectRecordsFlags& flags) {
  absl::StatusOr<RecordSample> sample = RecordSample::Read(flags.path, flags.format, flags.sample);
  if (!sample.ok()) return sample.status();
  if (sample->size() == 0) return absl::InvalidArgumentError(absl::StrCat(flags.path, ": no records to look at"));
  RecordProfile profile;
  const std::uint64_t malformed = Profile(*sample, profile);
  if (profile.members().empty())
    return absl::InvalidArgumentError(absl::StrCat(flags.path, ": expected JSON objects or a table"));
  PrintHead(flags, *sample, malformed);
  const std::size_t width = StdoutIsTerminal() ? TerminalColumns() : 160;
  Print(MemberTable(profile, width));
  if (profile.members_left_out()) Print("... and more members\n");

  const TrialReport as_clients = TryLoading(nullptr, *sample);
  if (as_clients.loaded > 0 && as_clients.loaded >= as_clients.refused) {
    Print(absl::StrCat("\nThese are client records: ", WithThousands(as_clients.loaded), " of ", Records(sample->size()),
                       " load as they are, without a mapping.\n"));
    return flags.mapping_out.empty() ? absl::OkStatus()
                                     : absl::InvalidArgumentError("no mapping to write: these are client records");
  }
  const std::vector<FieldGuess> guesses = GuessFields(profile);
  const std::string text = WriteMapping(std::filesystem::path(flags.path).filename().string(), profile, guesses);
  const absl::StatusOr<std::shared_ptr<const Mapping>> mapping = ParseMapping(text, "guessed mapping");
  if (!mapping.ok()) return mapping.status();
  const TrialReport trial = TryLoading(*mapping, *sample);
  PrintTrial(trial);
  Print("\n" + FieldTable(guesses, trial, width) + "\n");
  if (flags.mapping_out.empty()) {
    Print(text);
    return absl::OkStatus();
  }
  if (absl::Status status = WriteFile(flags.mapping_out, text); !status.ok()) return status;
  Print(absl::StrCat("The mapping is in ", flags.mapping_out, ".\n"));
  return absl::OkStatus();
}

}  // namespace

int InspectRecords(const InspectRecordsFlags& flags) {
  const absl::Status status = Inspect(flags);
  if (status.ok()) return kExitDone;
  PrintError(StdView(status.message()));
  return kExitFailed;
}

}  // namespace clientele
