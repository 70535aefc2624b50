#include "loader/read_records.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include <catch2/catch.hpp>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/loader/mutations.h"
#include "tests/loader/parsed_record.h"
#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

// Keeps the ids of all records by block.
class IdSink : public RecordSink {
 public:
  std::unique_ptr<Worker> NewWorker() override { return std::make_unique<IdWorker>(*this); }

  explicit IdSink(absl::Status status = absl::OkStatus()) : status_(std::move(status)) {}

  // In input order.
  std::vector<std::int64_t> Ids() const {
    std::vector<std::int64_t> ids;
    for (const auto& [sequence, block] : blocks_) ids.insert(ids.end(), block.begin(), block.end());
    return ids;
  }
  const std::map<std::uint64_t, std::vector<std::int64_t>>& blocks() const { return blocks_; }

 private:
  class IdWorker : public Worker {
   public:
    explicit IdWorker(IdSink& sink) : sink_(sink) {}
    void Append(const ClientRecord& record) override { ids_.push_back(record.id()); }
    absl::Status EndBlock(std::uint64_t sequence, std::uint64_t /*buffer_bytes*/) override {
      const std::lock_guard lock(sink_.mutex_);
      sink_.blocks_[sequence] = std::exchange(ids_, {});
      return sink_.status_;
    }

   private:
    IdSink& sink_;
    std::vector<std::int64_t> ids_;
  };

  const absl::Status status_;  // What every block ends with.
  std::mutex mutex_;
  std::map<std::uint64_t, std::vector<std::int64_t>> blocks_;
};

// One run over files, with small blocks so that even short inputs take several.
struct Run {
  explicit Run(std::vector<std::string> paths,
               ReadOptions options = {.strict = false, .threads = 3, .limits = {.block_bytes = 512}, .on_progress = {}},
               const std::string& rejects_path = "") {
    auto created = RejectLog::Create({.path = rejects_path, .first_only = options.strict});
    REQUIRE(created.ok());
    log = *std::move(created);
    counts = ReadRecords(paths, options, sink, *log, lines);
    ids = sink.Ids();
  }

  std::vector<std::string> Rejects() const {
    std::vector<std::string> texts;
    for (const Reject& reject : log->first()) texts.push_back(reject.ToString());
    return texts;
  }

  IdSink sink;
  std::unique_ptr<RejectLog> log;
  LineMap lines;
  absl::StatusOr<ReadCounts> counts;
  std::vector<std::int64_t> ids;
};

std::string Record(std::int64_t id) {
  return Replaced(SmallRecord(), "\"id\":7", "\"id\":" + std::to_string(id));
}

std::string Lines(std::int64_t first, std::int64_t last, std::string_view line_end = "\n") {
  std::string text;
  for (std::int64_t id = first; id <= last; ++id) text.append(Record(id)).append(line_end);
  return text;
}

std::string Array(std::int64_t first, std::int64_t last, std::string_view separator = ",") {
  std::string text = "[";
  for (std::int64_t id = first; id <= last; ++id) text.append(id == first ? "" : separator).append(Record(id));
  return text + "]";
}

std::vector<std::int64_t> Range(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> ids;
  for (std::int64_t id = first; id <= last; ++id) ids.push_back(id);
  return ids;
}

TEST_CASE("NDJSON records arrive in input order, with or without a last line end", "[loader][read_records]") {
  const TemporaryFolder folder;
  std::string text = Lines(1, 100);
  if (GENERATE(false, true)) text.pop_back();
  const Run run({folder.Write("a.ndjson", text)});
  REQUIRE(run.counts.ok());
  CHECK(run.ids == Range(1, 100));
  CHECK(run.sink.blocks().size() > 5);
  CHECK(run.counts->records == 100);
  CHECK(run.counts->bytes == text.size());
  CHECK(run.log->count() == 0);
}

TEST_CASE("CRLF, blank lines and a byte order mark are tolerated", "[loader][read_records]") {
  const TemporaryFolder folder;
  const std::string text = "\xEF\xBB\xBF\r\n \t\n" + Lines(1, 20, "\r\n\n  \r\n") + "\n\n";
  const Run run({folder.Write("a.ndjson", text)});
  REQUIRE(run.counts.ok());
  CHECK(run.ids == Range(1, 20));
  CHECK(run.Rejects().empty());
}

TEST_CASE("a byte order mark anywhere else is no record", "[loader][read_records]") {
  const TemporaryFolder folder;
  const Run run({folder.Write("a.ndjson", Record(1) + "\n\xEF\xBB\xBF" + Record(2) + "\n")});
  CHECK(run.ids == Range(1, 1));
  CHECK(run.log->count() == 1);
}

TEST_CASE("empty inputs hold no records", "[loader][read_records]") {
  const TemporaryFolder folder;
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string(" \r\n\t\n"), std::string("\xEF\xBB\xBF"), std::string("[]"),
        std::string(" [ \n ] \n"), Gzip(""), std::string("\n") + std::string(2'000, ' ')}) {
    const Run run({folder.Write("a", text)});
    CAPTURE(text);
    REQUIRE(run.counts.ok());
    CHECK(run.ids.empty());
    CHECK(run.Rejects().empty());
  }
}

TEST_CASE("JSON arrays are recognised by content and may span lines", "[loader][read_records]") {
  const TemporaryFolder folder;
  for (const char* separator : {",", ",\n", "\n , \r\n\t"}) {
    const Run run({folder.Write("a.ndjson", "\xEF\xBB\xBF \n" + Array(1, 50, separator) + "\n")});
    REQUIRE(run.counts.ok());
    CHECK(run.ids == Range(1, 50));
    CHECK(run.Rejects().empty());
  }
}

TEST_CASE("brackets, commas and quotes inside strings do not cut array elements", "[loader][read_records]") {
  const TemporaryFolder folder;
  const std::string tricky = SmallRecord(R"("name":"],[{\"}\\","x":[{"y":["\\\"]"]},[],","])");
  const Run run({folder.Write("a.json", "[" + tricky + "," + Replaced(tricky, "\"id\":7", "\"id\":8") + "]")},
                {.strict = false, .threads = 1, .limits = {.block_bytes = 16}, .on_progress = {}});
  CHECK(run.ids == Range(7, 8));
  CHECK(run.Rejects().empty());
}

TEST_CASE("a bad array element is refused by its number and the others stay", "[loader][read_records]") {
  const TemporaryFolder folder;
  const std::string path =
      folder.Write("a.json", "[" + Record(1) + ", 5 ," + Record(3) + ",," + Record(5) + " " + Record(6) + "," + Record(7) + ",]");
  const Run run({path});
  REQUIRE(run.counts.ok());
  CHECK(run.ids == std::vector<std::int64_t>{1, 3, 7});
  const auto rejects = run.Rejects();
  REQUIRE(rejects.size() == 4);
  CHECK(rejects[0] == path + ":1 (element 2): expected a JSON object, got 5");
  CHECK(rejects[1] == path + ":1 (element 4): expected a JSON object, got nothing");
  CHECK(rejects[2].find(path + ":1 (element 5): expected nothing behind the record") == 0);
  CHECK(rejects[3] == path + ":1 (element 7): expected a JSON object, got nothing");
}

TEST_CASE("bad elements of an array are told by their line, however it is cut into blocks", "[loader][read_records]") {
  const TemporaryFolder folder;
  std::mt19937_64 random(9);
  std::string text = "\n\n [\n";
  std::uint64_t line = 4;
  std::vector<std::string> expected;
  const std::string path = folder.Path("a.json");
  for (std::uint64_t element = 1; element <= 60; ++element) {
    const std::uint64_t before = random() % 3, inside = random() % 3;
    text += std::string(before, '\n');
    line += before;
    const bool is_bad = random() % 8 == 0;
    const std::string breaks(inside, '\n');
    if (is_bad) expected.push_back(path + ":" + std::to_string(line) + " (element " + std::to_string(element) + "): ");
    text += is_bad ? "[" + breaks + "]" : Replaced(Record(static_cast<std::int64_t>(element)), ",", "," + breaks);
    line += inside;
    text += element == 60 ? "\n" : ",";
  }
  text += "]\n\nx";
  expected.push_back(path + ":" + std::to_string(line + 3) + " (element 61): ");
  folder.Write("a.json", text);
  REQUIRE(expected.size() < kFirstRejects);
  for (const std::size_t block_bytes : {16, 64, 333, 4'096, 100'000}) {
    CAPTURE(block_bytes);
    const Run run({path}, {.strict = false, .threads = 2, .limits = {.block_bytes = block_bytes}, .on_progress = {}});
    REQUIRE(run.counts.ok());
    const std::vector<std::string> rejects = run.Rejects();
    REQUIRE(rejects.size() == expected.size());
    for (std::size_t i = 0; i < rejects.size(); ++i) CHECK(rejects[i].substr(0, expected[i].size()) == expected[i]);
  }
}

TEST_CASE("an array that ends too early or goes on too long is told", "[loader][read_records]") {
  const TemporaryFolder folder;
  const auto outcome = [&](const std::string& text) {
    const Run run({folder.Write("a.json", text)});
    return std::pair(run.ids, run.Rejects());
  };
  const std::string path = folder.Path("a.json");
  CHECK(
      outcome("[" + Record(1)) ==
      std::pair(Range(1, 1),
                std::vector{path + ":1 (element 2): expected the array's closing bracket at the end of the file, got nothing"}));
  CHECK(
      outcome("[" + Record(1) + ", ") ==
      std::pair(Range(1, 1),
                std::vector{path + ":1 (element 2): expected the array's closing bracket at the end of the file, got nothing"}));
  CHECK(outcome("[").second.size() == 1);
  CHECK(outcome("[" + Record(1) + "," + Record(2).substr(0, 40)).second.size() == 1);
  CHECK(outcome("[" + Record(1) + "] x") ==
        std::pair(Range(1, 1), std::vector{path + ":1 (element 2): expected nothing behind the array, got x"}));
  CHECK(outcome(Array(1, 3) + std::string(5'000, ' ') + Array(4, 5)).first == Range(1, 3));
  CHECK(outcome(Array(1, 3) + std::string(5'000, ' ') + Array(4, 5)).second.size() == 1);
}

TEST_CASE("however an input is cut into blocks, the same records come out", "[loader][read_records]") {
  const TemporaryFolder folder;
  std::mt19937_64 random(11);
  std::string lines, array = "[";
  for (std::int64_t id = 1; id <= 60; ++id) {
    const std::string name(random() % 300, 'x');
    const std::string record =
        Replaced(SmallRecord("\"name\":\"" + name + "\\\"\",\"u\":[[{}],\"]\"]"), "\"id\":7", "\"id\":" + std::to_string(id));
    lines += record + std::string(random() % 3, '\n') + (random() % 2 == 0 ? "\r\n" : "\n");
    array += (id == 1 ? "" : random() % 2 == 0 ? "," : " ,\n") + record;
  }
  const std::string line_path = folder.Write("a.ndjson", lines), array_path = folder.Write("a.json", array + "]");
  for (const std::size_t block_bytes : {16, 17, 64, 100, 333, 1'000, 4'096, 100'000}) {
    for (const std::string& path : {line_path, array_path}) {
      CAPTURE(block_bytes, path);
      const Run run({path}, {.strict = false, .threads = 2, .limits = {.block_bytes = block_bytes}, .on_progress = {}});
      REQUIRE(run.counts.ok());
      CHECK(run.ids == Range(1, 60));
      CHECK(run.Rejects().empty());
    }
  }
}

TEST_CASE("gzip files are recognised by content, also with several members", "[loader][read_records]") {
  const TemporaryFolder folder;
  const std::string text = Lines(1, 100);
  const std::string half = text.substr(0, 5'000), rest = text.substr(5'000);
  CHECK(Run({folder.Write("plain.name", Gzip(text))}).ids == Range(1, 100));
  CHECK(Run({folder.Write("members.gz", Gzip(half) + Gzip("") + Gzip(rest))}).ids == Range(1, 100));
  CHECK(Run({folder.Write("padded.gz", Gzip(text) + std::string(1'000, '\0'))}).ids == Range(1, 100));
  CHECK(Run({folder.Write("array.gz", Gzip(Array(1, 30)))}).ids == Range(1, 30));
}

TEST_CASE("broken gzip data stop a load with DataLoss and the path", "[loader][read_records]") {
  const TemporaryFolder folder;
  const std::string whole = Gzip(Lines(1, 100));
  std::string flipped = whole;
  flipped[flipped.size() / 2] = static_cast<char>(~flipped[flipped.size() / 2]);
  std::string bad_checksum = whole;
  bad_checksum[bad_checksum.size() - 6] = static_cast<char>(~bad_checksum[bad_checksum.size() - 6]);
  for (const std::string& bytes : {whole.substr(0, whole.size() / 2), whole.substr(0, whole.size() - 1), flipped, bad_checksum,
                                   whole + "tail", std::string("\x1F\x8B"), std::string("\x1F\x8B\x08garbage garbage garbage")}) {
    const Run run({folder.Write("broken.gz", bytes)});
    REQUIRE(run.counts.status().code() == absl::StatusCode::kDataLoss);
    CHECK(std::string(run.counts.status().message()).find(folder.Path("broken.gz")) == 0);
  }
}

TEST_CASE("zstd files are recognised by content, also with several frames", "[loader][read_records]") {
  const TemporaryFolder folder;
  const std::string text = Lines(1, 100);
  const std::string half = text.substr(0, 5'000), rest = text.substr(5'000);
  const std::string skippable("\x53\x2A\x4D\x18\x03\x00\x00\x00xyz", 11);
  CHECK(Run({folder.Write("plain.name", Zstd(text))}).ids == Range(1, 100));
  CHECK(Run({folder.Write("frames.zst", Zstd(half) + Zstd("") + skippable + Zstd(rest))}).ids == Range(1, 100));
  CHECK(Run({folder.Write("first.zst", skippable + Zstd(text))}).ids == Range(1, 100));
  CHECK(Run({folder.Write("array.zst", Zstd(Array(1, 30)))}).ids == Range(1, 30));
  CHECK(Run({folder.Write("empty.zst", Zstd(""))}).ids.empty());
}

TEST_CASE("broken zstd data stop a load with DataLoss and the path", "[loader][read_records]") {
  const TemporaryFolder folder;
  const std::string whole = Zstd(Lines(1, 100));
  std::string flipped = whole;
  flipped[flipped.size() / 2] = static_cast<char>(~flipped[flipped.size() / 2]);
  for (const std::string& bytes : {whole.substr(0, whole.size() / 2), whole.substr(0, whole.size() - 1), whole.substr(0, 4),
                                   whole + "tail", whole + Zstd(Lines(1, 9)).substr(0, 30)}) {
    const Run run({folder.Write("broken.zst", bytes)});
    REQUIRE(run.counts.status().code() == absl::StatusCode::kDataLoss);
    CHECK(std::string(run.counts.status().message()).find(folder.Path("broken.zst")) == 0);
  }
}

TEST_CASE("content of other known kinds is refused by its name", "[loader][read_records]") {
  const TemporaryFolder folder;
  const auto message = [&](std::string_view bytes) {
    const Run run({folder.Write("a", bytes)});
    REQUIRE(absl::IsInvalidArgument(run.counts.status()));
    return std::string(run.counts.status().message());
  };
  CHECK(message(std::string_view("\xFD"
                                 "7zXZ\0....",
                                 10))
            .find("this is xz") != std::string::npos);
  CHECK(message("PK\x03\x04....").find("spreadsheet") != std::string::npos);
  CHECK(message(std::string_view("\xFF\xFEi\0d\0", 6)).find("UTF-16") != std::string::npos);
  CHECK(message(std::string_view("\x00\x01\x02\x03\x04\x05\x06", 7)).find("neither JSON nor a table") != std::string::npos);
}

constexpr std::string_view kHeader = "id,email,status,companyName,created_at,name\n";

std::string CsvRow(std::int64_t id, std::string_view name = "n") {
  return std::to_string(id) + ",a@b.example,active,,2024-05-06," + std::string(name) + "\n";
}

std::string Table(std::int64_t first, std::int64_t last) {
  std::string text(kHeader);
  for (std::int64_t id = first; id <= last; ++id) text += CsvRow(id);
  return text;
}

TEST_CASE("tables are recognised by content, plain or compressed, whatever their delimiter", "[loader][read_records][csv]") {
  const TemporaryFolder folder;
  const std::string text = Table(1, 50);
  const auto delimited = [&](char delimiter) {
    std::string other = text;
    std::ranges::replace(other, ',', delimiter);
    return other;
  };
  for (const std::string& content : {text, delimited(';'), delimited('\t'), Gzip(text), Zstd(text), "\xEF\xBB\xBF" + text,
                                     "\n\n" + text, text.substr(0, text.size() - 1)}) {
    const Run run({folder.Write("a", content)});
    REQUIRE(run.counts.ok());
    CHECK(run.ids == Range(1, 50));
    CHECK(run.Rejects().empty());
  }
  CHECK(Run({folder.Write("only-header", kHeader)}).ids.empty());
  CHECK(Run({folder.Write("a", text), folder.Write("b", Lines(51, 60)),
             folder.Write("c", delimited(';').replace(text.find("\n1;") + 1, 0, ""))})
            .ids.size() == 110);
}

TEST_CASE("however a table is cut into blocks, the same records come out with the same lines", "[loader][read_records][csv]") {
  const TemporaryFolder folder;
  std::mt19937_64 random(5);
  std::string text(kHeader);
  std::vector<std::string> expected;
  const std::string path = folder.Path("a.csv");
  std::uint64_t line = 2;
  for (std::int64_t id = 1; id <= 80; ++id) {
    const std::uint64_t breaks = random() % 4;
    std::string name = "\"" + std::string(random() % 100, 'x') + "\"\",";
    for (std::uint64_t i = 0; i < breaks; ++i) name += i % 2 == 0 ? "\n,\"\"" : "\r\n";
    const bool is_bad = random() % 8 == 0;
    if (is_bad)
      expected.push_back(path + ":" + std::to_string(line) +
                         ":1: id: expected an integer from 1 to 9223372036854775807, got \"-" + std::to_string(id) + "\"");
    text += (is_bad ? "-" : "") + CsvRow(id, name + "\"");
    line += 1 + breaks;
    if (random() % 3 == 0) {
      text += "\r\n";
      ++line;
    }
  }
  folder.Write("a.csv", text);
  const Run whole({path});
  REQUIRE(whole.counts.ok());
  REQUIRE(whole.log->count() == expected.size());
  expected.resize(std::min<std::size_t>(expected.size(), kFirstRejects));
  for (const std::size_t block_bytes : {16, 17, 64, 100, 333, 1'000, 4'096, 100'000}) {
    CAPTURE(block_bytes);
    const Run run({path}, {.strict = false, .threads = 2, .limits = {.block_bytes = block_bytes}, .on_progress = {}});
    REQUIRE(run.counts.ok());
    CHECK(run.ids == whole.ids);
    CHECK(run.Rejects() == expected);
  }
}

TEST_CASE("a row's duplicate lines are found behind rows of several lines", "[loader][read_records][csv]") {
  const TemporaryFolder folder;
  const Run run({folder.Write("a.csv", std::string(kHeader) + CsvRow(1, "\"a\nb\nc\"") + "\n" + CsvRow(2) + CsvRow(3, "\"\n\"") +
                                           CsvRow(4))},
                {.strict = false, .threads = 1, .limits = {}, .on_progress = {}});
  REQUIRE(run.ids == Range(1, 4));
  std::vector<std::uint64_t> lines;
  for (std::uint32_t i = 0; i < 4; ++i) lines.push_back(run.lines.Find(0, i).line);
  CHECK(lines == std::vector<std::uint64_t>{2, 6, 7, 9});
}

TEST_CASE("a quote that is not closed costs its line, not the rest of the table", "[loader][read_records][csv]") {
  const TemporaryFolder folder;
  const std::string text = Table(1, 3) + CsvRow(4, "\"open") + CsvRow(5) + CsvRow(6);
  for (const std::size_t block_bytes : {16, 100, 100'000}) {
    const Run run({folder.Write("a.csv", text)},
                  {.strict = false, .threads = 2, .limits = {.block_bytes = block_bytes}, .on_progress = {}});
    REQUIRE(run.counts.ok());
    CHECK(run.ids == std::vector<std::int64_t>{1, 2, 3, 5, 6});
    REQUIRE(run.log->first().size() == 1);
    CHECK(run.log->first()[0].line == 5);
    CHECK(run.log->first()[0].expected.find("quotes that are closed") == 0);
  }
  std::string long_text = Table(1, 3) + CsvRow(4, "\"open");
  for (std::int64_t id = 5; id <= 200; ++id) long_text += CsvRow(id);
  const Run run({folder.Write("a.csv", long_text)},
                {.strict = false, .threads = 2, .limits = {.block_bytes = 64, .record_bytes_max = 1'000}, .on_progress = {}});
  REQUIRE(run.counts.ok());
  CHECK(run.ids.size() == 199);
  CHECK(run.log->count() == 1);
}

TEST_CASE("rows that are too long are skipped and the next ones read", "[loader][read_records][csv]") {
  const TemporaryFolder folder;
  const std::string text = Table(1, 3) + CsvRow(4, std::string(50'000, 'x')) + CsvRow(5);
  const Run run({folder.Write("a.csv", text)},
                {.strict = false, .threads = 2, .limits = {.block_bytes = 256, .record_bytes_max = 1'000}, .on_progress = {}});
  REQUIRE(run.counts.ok());
  CHECK(run.ids == std::vector<std::int64_t>{1, 2, 3, 5});
  REQUIRE(run.log->first().size() == 1);
  CHECK(run.log->first()[0].line == 5);
}

TEST_CASE("a header that makes no clients stops the load with its place", "[loader][read_records][csv]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("a.csv");
  const auto message = [&](std::string_view text) {
    const Run run({folder.Write("a.csv", text)});
    REQUIRE(absl::IsInvalidArgument(run.counts.status()));
    return std::string(run.counts.status().message());
  };
  CHECK(message("\nid,email,id\n1,2,3\n") == path + ":2:3: column 'id': expected each field only once");
  CHECK(message("Ticker,Name\nAIR,Aar Corp\n")
            .find(path + ":1: no column id, email, status, companyName, created_at in the header 'Ticker,Name'") == 0);
}

TEST_CASE("the format can be told", "[loader][read_records]") {
  const TemporaryFolder folder;
  const auto outcome = [&](const std::string& text, InputFormat format) {
    const Run run({folder.Write("a", text)}, {.strict = false, .threads = 1, .limits = {.format = format}, .on_progress = {}});
    return run.counts.ok() ? std::to_string(run.ids.size()) + " of " + std::to_string(run.ids.size() + run.log->count())
                           : std::string(run.counts.status().message());
  };
  CHECK(outcome(Lines(1, 3), InputFormat::kNdjson) == "3 of 3");
  CHECK(outcome(Table(1, 3), InputFormat::kNdjson) == "0 of 4");
  CHECK(outcome(Array(1, 3), InputFormat::kNdjson) == "0 of 1");
  CHECK(outcome(Array(1, 3), InputFormat::kJson) == "3 of 3");
  CHECK(outcome(Lines(1, 1), InputFormat::kJson).find("expected a JSON array, got {") != std::string::npos);
  CHECK(outcome("", InputFormat::kJson) == "0 of 0");
  CHECK(outcome(Table(1, 3), InputFormat::kCsv) == "3 of 3");
  CHECK(outcome(Table(1, 3), InputFormat::kTsv).find("no column") != std::string::npos);
  CHECK(outcome(Lines(1, 3), InputFormat::kCsv).find("no column") != std::string::npos);
}

// Makes a client of what has a number: JSON {"n": 5} or a row under the header "n,text".
class NumberTranslator : public RecordTranslator {
 public:
  bool Translate(const ForeignRecord& in, std::string& client_json, RecordError& error) override {
    std::string number;
    if (in.header != nullptr) {
      REQUIRE(in.cells.size() == in.header->names.size());
      number = in.cells[0];
    } else {
      const std::size_t at = in.json.find(':');
      if (at != std::string_view::npos) number = in.json.substr(at + 1, in.json.size() - at - 2);
    }
    if (number.empty()) {
      error = {.pointer = "n", .value = "", .expected = "a number"};
      return false;
    }
    client_json = Replaced(SmallRecord(), "\"id\":7", "\"id\":" + number);
    return true;
  }
  void Locate(const ForeignRecord& in, RecordError& error) override { error.pointer += " from line " + std::to_string(in.line); }
};

TEST_CASE("records of a foreign shape pass through a translator", "[loader][read_records]") {
  const TemporaryFolder folder;
  ReadOptions options{.strict = false, .threads = 2, .limits = {.block_bytes = 32}, .on_progress = {}};
  options.new_translator = [] { return std::make_unique<NumberTranslator>(); };
  const std::string rows = folder.Write("a.csv", "n,text\n5,x\n,y\n0,\"z\nz\"\n6\n7,\n");
  const std::string lines = folder.Write("b.ndjson", "{\"n\":8}\n{}\n{\"n\":x}\n");
  const Run run({rows, lines}, options);
  REQUIRE(run.counts.ok());
  CHECK(run.ids == std::vector<std::int64_t>{5, 7, 8});
  const std::vector<std::string> rejects = run.Rejects();
  REQUIRE(rejects.size() == 5);
  CHECK(rejects[0] == rows + ":3: n: expected a number, got nothing");
  CHECK(rejects[1] == rows + ":4: /id from line 4: expected an integer from 1 to 9223372036854775807, got 0");
  CHECK(rejects[2] == rows + ":6:1: expected 2 cells as in the header, got 1");
  CHECK(rejects[3] == lines + ":2: n: expected a number, got nothing");
  CHECK(rejects[4] == lines + ":3: /id from line 3: expected an integer from 1 to 9223372036854775807, got x");
}

TEST_CASE("a sink that takes no more stops the reading with its status", "[loader][read_records]") {
  const TemporaryFolder folder;
  IdSink sink(absl::ResourceExhaustedError("full"));
  LineMap lines;
  auto log = RejectLog::Create({});
  REQUIRE(log.ok());
  const std::vector<std::string> paths = {folder.Write("a", Lines(1, 5'000))};
  const auto counts =
      ReadRecords(paths, {.strict = false, .threads = 2, .limits = {.block_bytes = 512}, .on_progress = {}}, sink, **log, lines);
  CHECK(counts.status() == absl::ResourceExhaustedError("full"));
  CHECK(sink.Ids().size() < 1'000);
}

TEST_CASE("inputs that cannot be read are named before anything is read", "[loader][read_records]") {
  const TemporaryFolder folder;
  const std::string good = folder.Write("good.ndjson", Lines(1, 3));
  const Run missing({good, folder.Path("missing.ndjson")});
  CHECK(missing.counts.status().code() == absl::StatusCode::kNotFound);
  CHECK(missing.ids.empty());
  const Run directory({folder.Path("")});
  CHECK(directory.counts.status().code() == absl::StatusCode::kInvalidArgument);
  if (geteuid() != 0) {  // The superuser may read everything.
    chmod(good.c_str(), 0);
    CHECK(Run({good}).counts.status().code() == absl::StatusCode::kPermissionDenied);
  }
}

TEST_CASE("several files are one input, in the order given", "[loader][read_records]") {
  const TemporaryFolder folder;
  std::string unfinished = Lines(41, 60);
  unfinished.pop_back();
  const Run run({folder.Write("a", Lines(1, 20)), folder.Write("b", Gzip(Array(21, 40))), folder.Write("c", unfinished),
                 folder.Write("d", ""), folder.Write("e", Lines(61, 70))});
  REQUIRE(run.counts.ok());
  CHECK(run.ids == Range(1, 70));
}

TEST_CASE("a pipe is read to its end, however slowly it is filled", "[loader][read_records]") {
  const TemporaryFolder folder;
  const std::string path = folder.Path("pipe");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  std::jthread writer([&] {
    std::ofstream pipe(path, std::ios::binary);
    const std::string text = Gzip(Lines(1, 50));
    for (const char c : text) pipe << c << std::flush;
  });
  const Run run({path});
  REQUIRE(run.counts.ok());
  CHECK(run.ids == Range(1, 50));
}

TEST_CASE("standard input is read as -", "[loader][read_records]") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const int saved = dup(STDIN_FILENO);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  std::jthread writer([&] {
    const std::string text = Lines(1, 50) + "bad\n";
    for (std::size_t at = 0; at < text.size();)
      at += static_cast<std::size_t>(write(ends[1], text.data() + at, std::min<std::size_t>(100, text.size() - at)));
    close(ends[1]);
  });
  const Run run({"-"});
  writer.join();
  dup2(saved, STDIN_FILENO);
  close(saved);
  REQUIRE(run.counts.ok());
  CHECK(run.ids == Range(1, 50));
  CHECK(run.Rejects() == std::vector<std::string>{"stdin:51: expected a JSON object, got bad"});
}

TEST_CASE("bad records are left out, counted, and the first ten kept in input order", "[loader][read_records]") {
  const TemporaryFolder folder;
  std::string text;
  for (std::int64_t id = 1; id <= 40; ++id) text += (id % 2 == 0 ? "{\"id\":" + std::to_string(id) + "}" : Record(id)) + "\n";
  const std::string path = folder.Write("a.ndjson", text);
  const Run run({path});
  REQUIRE(run.counts.ok());
  CHECK(run.counts->records == 20);
  CHECK(run.log->count() == 20);
  const auto rejects = run.log->first();
  REQUIRE(rejects.size() == 10);
  for (std::size_t i = 0; i < rejects.size(); ++i) CHECK(rejects[i].line == 2 * i + 2);
  CHECK(rejects[0].ToString() == path + ":2: /email: expected a string, got nothing");
}

TEST_CASE("the rejects file tells each bad record, in input order, as JSON", "[loader][read_records]") {
  const TemporaryFolder folder;
  const std::string bad = Replaced(Record(2), "active", "act\\u0000\\\"ve");
  const std::string odd_bytes = Replaced(Record(4), "a@b", "\xFF\x7F");
  const std::string path =
      folder.Write("in put\".ndjson", Record(1) + "\n" + bad + "\r\n\n" + odd_bytes + "\n" + Record(5) + "\n");
  const Run run({path}, {.strict = false, .threads = 2, .limits = {.block_bytes = 64}, .on_progress = {}},
                folder.Path("rejects.ndjson"));
  REQUIRE(run.counts.ok());
  CHECK(run.ids == std::vector<std::int64_t>{1, 5});

  const simdjson::padded_string rejects(ReadWholeFile(folder.Path("rejects.ndjson")));
  simdjson::dom::parser parser;
  simdjson::dom::document_stream documents;
  REQUIRE(parser.parse_many(rejects).get(documents) == simdjson::SUCCESS);
  std::vector<std::string> lines, records;
  for (auto document : documents) {
    lines.push_back(std::string(std::string_view(document["file"])) + "|" + std::to_string(std::uint64_t(document["line"])) +
                    "|" + std::string(std::string_view(document["pointer"])) + "|" +
                    std::string(std::string_view(document["expected"])));
    records.emplace_back(std::string_view(document["record"]));
    CHECK(std::string_view(document["value"]).size() > 0);
  }
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == path + "|2|/status|one of new, trial, trialend, active, integration, paused, preparation, ready");
  CHECK(records[0] == bad + "\r");
  CHECK(lines[1] == path + "|4|/email|valid UTF-8");
  CHECK(records[1] == Replaced(odd_bytes, "\xFF", "\xEF\xBF\xBD"));
}

TEST_CASE("rejects without end cost no memory without end and keep their order", "[loader][read_records]") {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "x\n";
  const Run run(
      {folder.Write("a.ndjson", text)},
      {.strict = false, .threads = 3, .limits = {.block_bytes = 20'000, .format = InputFormat::kNdjson}, .on_progress = {}},
      folder.Path("rejects.ndjson"));
  REQUIRE(run.counts.ok());
  CHECK(run.log->count() == 200'000);
  std::istringstream rejects(ReadWholeFile(folder.Path("rejects.ndjson")));
  std::size_t number = 0, out_of_order = 0;
  for (std::string line; std::getline(rejects, line);) {
    out_of_order += line.find("\"line\":" + std::to_string(++number) + ",") == std::string::npos ? 1 : 0;
  }
  CHECK(number == 200'000);
  CHECK(out_of_order == 0);
}

TEST_CASE("strict reading stops at the first reject in input order", "[loader][read_records]") {
  const TemporaryFolder folder;
  for (int attempt = 0; attempt < 20; ++attempt) {
    std::string text = Lines(1, 30) + "bad\n" + Lines(31, 50);
    for (int i = 0; i < 500; ++i) text += "worse\n";
    const std::string path = folder.Write("a.ndjson", text + Lines(51, 3'000));
    const Run run({path}, {.strict = true, .threads = 4, .limits = {.block_bytes = 256}, .on_progress = {}},
                  folder.Path("rejects.ndjson"));
    REQUIRE(run.counts.ok());
    REQUIRE(run.Rejects() == std::vector<std::string>{path + ":31: expected a JSON object, got bad"});
    REQUIRE(run.log->count() == 1);
    REQUIRE(run.counts->records < 1'000);
    const std::string rejects = ReadWholeFile(folder.Path("rejects.ndjson"));
    REQUIRE(std::ranges::count(rejects, '\n') == 1);
  }
}

TEST_CASE("records that are too long are skipped and the next ones read", "[loader][read_records]") {
  const TemporaryFolder folder;
  const SplitLimits limits{.block_bytes = 256, .record_bytes_max = 1'000};
  const std::string huge = Replaced(SmallRecord("\"name\":\"" + std::string(50'000, 'x') + ",\\\"]\""), "\"id\":7", "\"id\":70");
  const std::string fits = Replaced(SmallRecord("\"name\":\"" + std::string(800, 'x') + "\""), "\"id\":7", "\"id\":71");
  const auto check = [&](const std::string& text, std::uint64_t bad_line) {
    const std::string path = folder.Write("a", text);
    const Run run({path}, {.strict = false, .threads = 2, .limits = limits, .on_progress = {}});
    REQUIRE(run.counts.ok());
    CHECK(run.ids == std::vector<std::int64_t>{1, 2, 3, 71, 4, 5});
    REQUIRE(run.log->first().size() == 1);
    const Reject reject = run.log->first()[0];
    CHECK((reject.element != 0 ? reject.element : reject.line) == bad_line);
    CHECK(reject.expected == "a record of at most 1000 bytes");
  };
  check(Lines(1, 3) + huge + "\n" + fits + "\n" + Lines(4, 5), 4);
  check(Lines(1, 3) + fits + "\n" + Lines(4, 5) + huge, 7);
  check("[" + Record(1) + "," + Record(2) + "," + Record(3) + "," + huge + "," + fits + "," + Record(4) + "," + Record(5) + "]",
        4);
  check("[" + Record(1) + "," + Record(2) + "," + Record(3) + "," + fits + "," + Record(4) + "," + Record(5) + "," + huge + "]",
        7);
}

TEST_CASE("the lines of stored records can be found later", "[loader][read_records]") {
  const TemporaryFolder folder;
  std::string text;
  std::map<std::int64_t, std::uint64_t> line_of;
  std::mt19937_64 random(3);
  std::uint64_t line = 1;
  for (std::int64_t id = 1; id <= 200; ++line) {
    const auto kind = random() % 4;
    if (kind == 0) text += "\n";
    if (kind == 1) text += "{}\n";
    if (kind < 2) continue;
    line_of[id] = line;
    text += Record(id++) + "\n";
  }
  const Run run({folder.Write("a", Lines(1'000, 1'010)), folder.Write("b", text)});
  for (const auto& [sequence, ids] : run.sink.blocks()) {
    for (std::uint32_t i = 0; i < ids.size(); ++i) {
      const LineMap::Place place = run.lines.Find(sequence, i);
      REQUIRE(place.file == (ids[i] >= 1'000 ? 0 : 1));
      REQUIRE(place.line == (ids[i] >= 1'000 ? static_cast<std::uint64_t>(ids[i]) - 999 : line_of.at(ids[i])));
    }
  }
}

TEST_CASE("mutated inputs are read to their ends, whatever is in them", "[loader][read_records][fuzz]") {
  const auto seed = GENERATE(1U, 2U, 3U);
  CAPTURE(seed);
  const TemporaryFolder folder;
  std::mt19937_64 random(seed);
  const std::string inputs[] = {Lines(1, 20), Array(1, 20, ",\n"), Gzip(Lines(1, 200)), "\xEF\xBB\xBF[" + Record(1) + "]",
                                Table(1, 30), Zstd(Lines(1, 200)), Zstd(Table(1, 30))};
  for (int i = 0; i < 100; ++i) {
    const std::string path = folder.Write("a", Mutated(inputs[random() % std::size(inputs)], random));
    const SplitLimits limits{.block_bytes = 16 + random() % 1'000, .record_bytes_max = 100 + random() % 1'000};
    const Run run({path}, {.strict = random() % 4 == 0, .threads = 2, .limits = limits, .on_progress = {}});
    if (!run.counts.ok()) {
      const bool is_expected =
          run.counts.status().code() == absl::StatusCode::kDataLoss || absl::IsInvalidArgument(run.counts.status());
      CHECK(is_expected);
    } else {
      CHECK(run.counts->records == run.ids.size());
      CHECK(run.counts->records + run.log->count() <= 300);
    }
  }
}

TEST_CASE("progress ends with everything that was read", "[loader][read_records]") {
  const TemporaryFolder folder;
  const std::string text = Lines(1, 100) + "bad\n";
  const std::string compressed = Gzip(text);
  std::vector<LoadProgress> calls;
  const Run run({folder.Write("a", text), folder.Write("b", compressed)},
                {.strict = false, .threads = 2, .limits = {.block_bytes = 512}, .on_progress = [&](const LoadProgress& now) {
                   calls.push_back(now);
                 }});
  REQUIRE_FALSE(calls.empty());
  CHECK(calls.back().phase == kParsePhase);
  CHECK(calls.back().records == 200);
  CHECK(calls.back().rejected == 2);
  CHECK(calls.back().bytes == 2 * text.size());
  CHECK(calls.back().input_bytes == text.size() + compressed.size());
  CHECK(calls.back().input_bytes_total == text.size() + compressed.size());
}

TEST_CASE("the real names of clients-10k are all accepted", "[loader][read_records]") {
  const std::filesystem::path root = CLIENTELE_SOURCE_DIR;
  for (const char* folder : {"../shared/data", "../../shared/data"}) {
    const std::filesystem::path path = root / folder / "clients-10k.ndjson.gz";
    if (!std::filesystem::exists(path)) continue;
    const Run run({path.string()}, {.strict = false, .threads = 2, .limits = {}, .on_progress = {}});
    REQUIRE(run.counts.ok());
    CHECK(run.counts->records == 10'000);
    CHECK(run.Rejects().empty());
    return;
  }
  WARN("clients-10k.ndjson.gz is not there: skipped");
}

}  // namespace
}  // namespace clientele
