#include "server/command_query.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include "engine/execute.h"
#include "engine/query_parser.h"
#include "index/absl_view.h"
#include "index/nearest_name.h"
#include "index/segment.h"
#include "server/client_source.h"
#include "server/client_table.h"
#include "server/command_line.h"
#include "server/exit_status.h"
#include "server/list_endpoint.h"
#include "server/list_service.h"
#include "server/terminal.h"

namespace clientele {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kTableRows = 50;  // Shown when no limit was asked for.

constexpr const char* kHelp =
    "Filters have the names that they have in GET /clients and are all ANDed; the count is always\n"
    "exact.\n"
    "\n"
    "On a terminal the answer is a table (50 rows unless --limit says otherwise), else JSON: an\n"
    "envelope {count, next, previous, results} with --limit, a bare array of every match without.\n"
    "--format ndjson writes one record a line, whatever their number.\n\n";

std::string Footer() {
  std::string parameters;
  std::string help = ParameterHelp();
  for (std::size_t begin = 0; begin < help.size();) {
    const std::size_t end = help.find('\n', begin);
    absl::StrAppend(&parameters, "  --", help.substr(begin, end - begin), "\n");
    begin = end + 1;
  }
  return absl::StrCat(kHelp, "Filters, order and page:\n", parameters,
                      "\n"
                      "Examples:\n"
                      "  clientele query clients.ndjson --status active --country_code US --ordering -created_at\n"
                      "  clientele query clients.ndjson --cdn active --storage paused --deleted false --limit 20\n"
                      "  clientele query clients.ndjson --email @gmail --created_at_gte 2024-01-01 --fields id,email,name\n"
                      "  clientele query a.ndjson.gz b.ndjson.gz --format ndjson --country_code DE,AT,null > some.ndjson\n"
                      "  clientele query clients.ndjson --companyName media --limit 0 --explain\n"
                      "  clientele query snapshot --verify=lazy --id 17\n"
                      "\n"
                      "Exit status: 0 answered, 1 answered but some records of the input were refused, 2 not answered.\n");
}

enum class Format { kAuto, kTable, kJson, kNdjson };

struct QueryFlags {
  SourceFlags source;
  std::vector<std::pair<std::string, std::vector<std::string>>> values;  // By parameter, as given.
  Format format = Format::kAuto;
  bool explain = false;
  std::uint32_t threads = 0;
};

// The parameters of the query that are no filters of the schema.
constexpr std::string_view kPageParameters[] = {"ordering", "limit", "offset", "fields"};

std::vector<Parameter> GivenParameters(const QueryFlags& flags) {
  std::vector<Parameter> parameters;
  for (const auto& [name, values] : flags.values) {
    for (const std::string& value : values) parameters.emplace_back(name, value);
  }
  return parameters;
}

void PrintParameterErrors(const ParameterErrors& errors) {
  PrintError("bad parameters:");
  for (const auto& [name, problems] : errors) {
    for (const std::string& problem : problems) std::fprintf(stderr, "  --%s: %s\n", name.c_str(), problem.c_str());
  }
}

// What nobody knows: reported with what was probably meant. Returns whether there is any.
bool PrintUnknownOptions(const CLI::App& command) {
  const std::vector<std::string> unknown = command.remaining();
  std::vector<std::string_view> known = {"verify", "format", "explain", "threads", "help"};
  known.insert(known.end(), LoadOptionNames().begin(), LoadOptionNames().end());
  for (const FilterEntry& filter : Filters()) known.push_back(filter.def->parameter);
  known.insert(known.end(), std::begin(kPageParameters), std::end(kPageParameters));
  for (const std::string& option : unknown) {
    const std::string_view name = std::string_view(option).substr(std::min(option.find_first_not_of('-'), option.size()));
    PrintError(absl::StrCat("unknown option ", option, "; did you mean --",
                            AbslView(NearestName(name.substr(0, name.find('=')), known)), "?"));
  }
  return !unknown.empty();
}

absl::Status WriteOut(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "writing standard output");
}

// Everything that an answer needs; one per run.
struct Asked {
  Snapshot snapshot;
  Query query;
  std::vector<Parameter> parameters;
  ExecuteOptions options;
};

// The rows' JSON, one record a line, with memory that does not grow with their number.
absl::Status AnswerNdjson(const Asked& asked) {
  absl::StatusOr<std::unique_ptr<RowStream>> stream = RowStream::Open(asked.snapshot, asked.query, asked.options);
  if (!stream.ok()) return stream.status();
  std::vector<std::uint32_t> rows(1024);
  std::string out;
  while (const std::size_t count = (*stream)->Next(rows)) {
    out.clear();
    RenderRows(asked.snapshot, std::span(rows).first(count), asked.query.fields, "\n", out);
    out += '\n';
    if (absl::Status status = WriteOut(out); !status.ok()) return status;
  }
  return (*stream)->status();
}

// The bytes that GET /clients answers with.
absl::Status AnswerJson(const Asked& asked) {
  constexpr std::size_t kPieceBytes = 1 << 20;
  ListRequest request{.path = "/clients", .parameters = asked.parameters, .limit = asked.query.limit, .query = asked.query};
  auto stream = ListStream::Open(MakeListVersion(asked.snapshot), std::move(request), asked.options);
  if (!stream.ok()) return stream.status();
  std::string out;
  while (true) {
    out.clear();
    const absl::StatusOr<bool> more = (*stream)->AppendPiece(kPieceBytes, out);
    if (!more.ok()) return more.status();
    if (absl::Status status = WriteOut(out); !status.ok()) return status;
    if (!*more) return WriteOut("\n");
  }
}

absl::Status AnswerTable(const Asked& asked) {
  Query query = asked.query;
  if (!query.limit) query.limit = kTableRows;
  const FieldMask fields = query.fields == kAllFields ? DefaultTableFields() : query.fields;
  const Clock::time_point start = Clock::now();
  const absl::StatusOr<Page> page = ExecutePage(asked.snapshot, query, asked.options);
  if (!page.ok()) return page.status();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::string out;
  if (!page->rows.empty()) absl::StrAppend(&out, ClientTable(asked.snapshot, page->rows, fields, TerminalColumns()), "\n");
  absl::StrAppend(&out, WithThousands(page->count), page->count == 1 ? " client matches" : " clients match");
  if (!page->rows.empty() && page->rows.size() < page->count) {
    absl::StrAppend(&out, ", ", WithThousands(query.offset + 1), " to ", WithThousands(query.offset + page->rows.size()),
                    " shown");
  }
  absl::StrAppend(&out, " (", ReadableDuration(seconds), ")\n");
  return WriteOut(out);
}

absl::Status Answer(const Asked& asked, Format format) {
  switch (format) {
    case Format::kNdjson: return AnswerNdjson(asked);
    case Format::kJson: return AnswerJson(asked);
    case Format::kTable: return AnswerTable(asked);
    case Format::kAuto: break;
  }
  return Answer(asked, StdoutIsTerminal() ? Format::kTable : Format::kJson);
}

int RunQuery(const QueryFlags& flags) {
  Asked asked{.snapshot = {}, .query = {}, .parameters = GivenParameters(flags), .options = {}};
  auto parsed = ParseQuery(asked.parameters);
  if (const auto* errors = std::get_if<ParameterErrors>(&parsed)) {
    PrintParameterErrors(*errors);
    return kExitFailed;
  }
  asked.query = std::get<Query>(std::move(parsed));

  const absl::StatusOr<ClientSource> source = OpenSource(flags.source);
  if (!source.ok()) {
    PrintError(StdView(source.status().message()));
    return kExitFailed;
  }
  asked.snapshot = TakeSnapshot(*source, asked.query);
  Explain explain;
  asked.options.threads = flags.threads;
  if (flags.explain) asked.options.explain = &explain;

  absl::Status status = Answer(asked, flags.format);
  if (status.ok() && std::fflush(stdout) != 0) status = absl::ErrnoToStatus(errno, "writing standard output");
  if (!status.ok()) {
    PrintError(StdView(status.message()));
    return kExitFailed;
  }
  if (flags.explain) std::fputs(ExplainText(explain).c_str(), stderr);
  return source->exit_status;
}

}  // namespace

void AddQueryCommand(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("query", "Answer a list query from files");
  command->footer(Footer());
  // Unknown options are reported below, with a suggestion.
  command->allow_extras();
  auto flags = std::make_shared<QueryFlags>();
  AddSourceFlags(*command, flags->source);
  const std::map<std::string, Format> formats = {{"table", Format::kTable}, {"json", Format::kJson}, {"ndjson", Format::kNdjson}};
  command->add_option("--format", flags->format, "table, json or ndjson (default: table on a terminal, else json)")
      ->type_name("FORMAT")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""));
  command->add_flag("--explain", flags->explain, "Show on standard error how the query was answered");
  command->add_option("--threads", flags->threads, "Threads that answer (default: as many as pay)")
      ->type_name("N")
      ->check(WholeNumber());

  for (const FilterEntry& filter : Filters()) flags->values.emplace_back(filter.def->parameter, std::vector<std::string>());
  for (const std::string_view name : kPageParameters) flags->values.emplace_back(name, std::vector<std::string>());
  for (auto& [name, values] : flags->values) {
    // One value each time; hidden here because the footer explains them all.
    command->add_option("--" + name, values)->allow_extra_args(false)->group("");
  }
  command->callback(
      [flags, command, &exit_status] { exit_status = PrintUnknownOptions(*command) ? int{kExitFailed} : RunQuery(*flags); });
}

}  // namespace clientele
