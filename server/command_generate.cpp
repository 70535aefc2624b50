#include "server/command_generate.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include "index/absl_view.h"
#include "loader/generator_writer.h"
#include "server/command_line.h"
#include "server/exit_status.h"
#include "server/terminal.h"

namespace clientele {
namespace {

constexpr const char* kHelp =
    "The records look like a real back office's, one JSON object a line: skewed countries,\n"
    "statuses that go with age, companies and mail domains that repeat, names in many scripts.\n"
    "The same --clients and --seed give the same bytes on every machine. A client takes about\n"
    "1.65 kB. data/README.md describes every field.\n"
    "\n"
    "Examples:\n"
    "  clientele generate --clients 1000000 --out clients.ndjson     a million clients, 1.6 GB\n"
    "  clientele generate --clients 1000000 --out clients.ndjson.gz  the same, compressed\n"
    "  clientele generate --clients 1000000 --out clients.csv        the flat fields, as a table\n"
    "  clientele generate --clients 5 --seed 7 | head -n 1           to standard output\n";

struct GenerateFlags {
  GenerateOptions options;
  std::string format;  // Empty: by the file's name.
  bool quiet = false;
};

std::string ProgressText(const GenerateProgress& progress, std::uint64_t clients) {
  const double rate = static_cast<double>(progress.clients) / std::max(progress.seconds, 1e-9);
  const double remaining = static_cast<double>(clients - progress.clients) / std::max(rate, 1e-9);
  return absl::StrCat(WithThousands(progress.clients), " of ", WithThousands(clients), " clients, ",
                      ReadableBytes(progress.bytes), ", ", WithThousands(static_cast<std::uint64_t>(rate)), " clients/s, ",
                      ReadableDuration(remaining), " left");
}

int RunGenerate(GenerateFlags& flags) {
  GenerateOptions& options = flags.options;
  options.gzip = absl::EndsWith(options.path, ".gz");
  const bool is_named_csv = absl::EndsWith(options.path, ".csv") || absl::EndsWith(options.path, ".csv.gz");
  options.csv = flags.format.empty() ? is_named_csv : flags.format == "csv";
  StatusLine line(flags.quiet);
  if (line.shown()) {
    options.on_progress = [&](const GenerateProgress& progress) { line.Show(ProgressText(progress, options.clients)); };
  }
  const absl::StatusOr<GenerateReport> report = GenerateTo(options);
  line.Clear();
  // Whoever closes the pipe, as `head` does, has seen enough: that is no error of ours to tell.
  if (absl::IsCancelled(report.status())) return kExitFailed;
  if (!report.ok()) {
    PrintError(StdView(report.status().message()));
    return kExitFailed;
  }
  if (!flags.quiet && (line.shown() || options.path != "-")) {
    std::fprintf(stderr, "%s clients, %s in %s (%s clients/s)\n", WithThousands(report->clients).c_str(),
                 ReadableBytes(report->written_bytes).c_str(), ReadableDuration(report->seconds).c_str(),
                 WithThousands(static_cast<std::uint64_t>(static_cast<double>(report->clients) / std::max(report->seconds, 1e-9)))
                     .c_str());
  }
  return kExitDone;
}

}  // namespace

void AddGenerateCommand(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("generate", "Make a set of client records that look real");
  command->footer(kHelp);
  auto flags = std::make_shared<GenerateFlags>();
  command->add_option("--clients,-n", flags->options.clients, "How many clients")
      ->required()
      ->type_name("N")
      ->check(WholeNumber());
  command->add_option("--seed", flags->options.seed, "Which set: other seeds give other clients (default 1)")
      ->type_name("S")
      ->check(WholeNumber());
  command->add_option("--out,-o", flags->options.path, "File to write, gzip when it ends in .gz (default: standard output)")
      ->type_name("FILE");
  command
      ->add_option("--format", flags->format,
                   "ndjson, or csv: a table of the fields of one value (default: csv when FILE is named so, else ndjson)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"ndjson", "csv"}));
  command->add_option("--threads", flags->options.threads, "Threads (default: all cores)")->type_name("N")->check(WholeNumber());
  command->add_flag("--quiet,-q", flags->quiet, "No progress and no closing line");
  command->callback([flags, &exit_status] { exit_status = RunGenerate(*flags); });
}

}  // namespace clientele
