// A small program to be killed: records with keys and values in a LiveStore, written through group commit and sealed into segment
// files. It is driven by lines on standard input and answers by lines on standard output (tests/crash/line_target.py):
//
//   write OP KEY VALUE [KEY VALUE]...   one write; all of it or nothing. VALUE "-" removes the key.
//   replace OP                          puts what only the log holds into a segment file; merges the files when there are several
//   dump [OP]...                        "record KEY VALUE" for each record, "reply OP" for each OP that is remembered, "end"
//   quit
//
// First it says "ready GROUPS" or "unready MESSAGE". A write or replace is answered by "ok OP", "full OP" (nothing was done: no
// room) or "failed OP MESSAGE" (whether it was done shows after a restart).
//
//   crash_writer FOLDER [CHECKPOINT_FROM_BYTES]
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <unistd.h>
#include <xxhash.h>

#include "engine/group_commit.h"
#include "engine/live_store.h"
#include "index/durable_file.h"

namespace clientele {
namespace {

constexpr char kRemoved[] = "-";
// Files that are merged into one.
constexpr std::size_t kMergedFiles = 2;
// Small, so that several checkpoints fall into 40 writes.
constexpr std::uint64_t kCheckpointFromBytes = 128 << 10;

struct Write {
  std::string op;
  std::vector<std::pair<std::string, std::string>> changes;
};

using Records = std::map<std::string, std::string>;

void Say(const std::string& line) {
  // One call, so that a kill does not leave half a line.
  const std::string whole = line + "\n";
  if (write(STDOUT_FILENO, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) _exit(3);
}

void SayOutcome(const std::string& op, const absl::Status& status) {
  if (status.ok())
    Say("ok " + op);
  else if (absl::IsResourceExhausted(status))
    Say("full " + op);
  else
    Say(absl::StrCat("failed ", op, " ", status.ToString()));
}

// What it would be to be wrong after a restart, rather than to have failed.
[[noreturn]] void Broken(const std::string& what) {
  Say("broken " + what);
  _exit(4);
}

void Change(Records& records, const std::string& key, const std::string& value) {
  if (value == kRemoved)
    records.erase(key);
  else
    records[key] = value;
}

std::string PayloadOf(std::span<const Write> writes) {
  std::string payload;
  for (const Write& write : writes) {
    for (const auto& [key, value] : write.changes) absl::StrAppend(&payload, key, " ", value, "\n");
  }
  return payload;
}

// "KEY VALUE" lines.
template <class Visit>
void ForEachLine(const std::string& text, Visit visit) {
  std::istringstream lines(text);
  for (std::string key, value; lines >> key >> value;) visit(key, value);
}

absl::StatusOr<SegmentFile> WriteRecords(const std::string& folder, const std::string& name, const Records& records) {
  const std::string text = absl::StrJoin(records, "\n", absl::PairFormatter(" ")) + "\n";
  absl::StatusOr<DurableFile> file = DurableFile::Create(folder, name, text.size());
  if (!file.ok()) return file.status();
  if (absl::Status status = file->Write(std::as_bytes(std::span(text)), 0); !status.ok()) return status;
  if (absl::Status status = file->Commit(); !status.ok()) {
    unlink((folder + "/" + name).c_str());
    return status;
  }
  return SegmentFile{.name = name,
                     .rows = records.size(),
                     .bytes = text.size(),
                     .checksum = {.low = XXH3_64bits(text.data(), text.size()), .high = 0}};
}

class CrashWriter : public CommitTarget<Write> {
 public:
  explicit CrashWriter(LiveStore& store)
      : store_(store), sequence_(store.recovered().last_sequence), segments_(store.recovered().segments) {
    for (const LiveSegment& segment : segments_) AddLiving(segment, records_);
    const absl::Status status = store_.Replay([&](std::uint64_t, std::string_view payload) {
      ForEachLine(std::string(payload), [&](const std::string& key, const std::string& value) {
        Change(records_, key, value);
        unsealed_[key] = value;
      });
      return absl::OkStatus();
    });
    if (!status.ok()) Broken(status.ToString());
  }

  void Validate(std::span<Write>) override {}

  // Two log groups when there are several writes, since one transaction may have several.
  absl::Status Append(std::span<Write> group) override {
    std::vector<LogGroup> groups;
    for (const std::span<Write> half : {group.first(group.size() / 2), group.subspan(group.size() / 2)}) {
      if (half.empty()) continue;
      groups.push_back({.sequence = sequence_ + 1 + groups.size(),
                        .rows = half.size(),
                        .payload = LogPayload::Pack(PayloadOf(half)),
                        .replies = {}});
      for (const Write& write : half) {
        groups.back().replies.push_back({.key = write.op, .fingerprint = "f", .reply = "ok", .time_s = time(nullptr)});
      }
    }
    const absl::Status status = store_.Append(groups);
    if (status.ok()) sequence_ += groups.size();
    return status;
  }

  void Apply(std::span<Write> group) override {
    const std::lock_guard lock(mutex_);
    for (const Write& write : group) {
      for (const auto& [key, value] : write.changes) {
        Change(records_, key, value);
        unsealed_[key] = value;
      }
    }
    applied_ = sequence_;
  }

  // One at a time.
  absl::Status Replace() {
    Records sealed;  // Removals included.
    std::uint64_t last = 0;
    {
      const std::lock_guard lock(mutex_);
      sealed.swap(unsealed_);
      last = applied_;
    }
    const absl::Status status = Seal(sealed, last);
    if (status.ok()) return status;
    const std::lock_guard lock(mutex_);
    unsealed_.merge(sealed);  // Keeps what was written since.
    return status;
  }

  void Dump(std::span<const std::string> ops) {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& [key, value] : records_) absl::StrAppend(&text, "record ", key, " ", value, "\n");
    for (const std::string& op : ops) {
      const auto found = store_.Find(op, std::chrono::system_clock::now());
      if (!found.ok()) Broken(found.status().ToString());
      if (*found) absl::StrAppend(&text, "reply ", op, "\n");
    }
    std::cout << text << "end" << std::endl;
  }

 private:
  static std::set<std::string> DeadIn(const LiveSegment& segment) {
    return absl::StrSplit(segment.tombstones, ' ', absl::SkipEmpty());
  }

  void AddLiving(const LiveSegment& segment, Records& records) const {
    std::ifstream file(store_.folder() + "/" + segment.file.name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (XXH3_64bits(text.str().data(), text.str().size()) != segment.file.checksum.low) Broken(segment.file.name + " differs");
    const std::set<std::string> dead = DeadIn(segment);
    ForEachLine(text.str(), [&](const std::string& key, const std::string& value) {
      if (!dead.contains(key) && !records.emplace(key, value).second) Broken(key + " is in two segments");
    });
  }

  absl::Status Seal(const Records& sealed, std::uint64_t last) {
    SegmentChange change{.covered = {{1, last}}};
    const bool merges = segments_.size() >= kMergedFiles;
    Records records;
    if (merges) {
      for (const LiveSegment& segment : segments_) {
        AddLiving(segment, records);
        change.removed.push_back(segment.number());
      }
    } else {
      for (const LiveSegment& segment : segments_) {
        std::set<std::string> dead = DeadIn(segment);
        for (const auto& [key, value] : sealed) dead.insert(key);
        change.masked.push_back({segment.number(), absl::StrJoin(dead, " ")});
      }
    }
    for (const auto& [key, value] : sealed) Change(records, key, value);

    const absl::StatusOr<SegmentFile> written = WriteRecords(store_.folder(), store_.NewSegmentName(), records);
    if (!written.ok()) return written.status();
    change.added = {{.file = *written}};
    if (absl::Status status = store_.ReplaceSegments(change); !status.ok()) return status;
    if (merges) segments_.clear();
    for (std::size_t index = 0; index < change.masked.size(); ++index)
      segments_[index].tombstones = change.masked[index].tombstones;
    segments_.push_back(change.added[0]);
    return absl::OkStatus();
  }

  LiveStore& store_;
  std::uint64_t sequence_;             // Of the committing thread.
  std::vector<LiveSegment> segments_;  // Of the thread that replaces.
  std::mutex mutex_;
  Records records_;   // Guarded by mutex_, as are the next.
  Records unsealed_;  // What only the log holds, kRemoved included.
  std::uint64_t applied_ = sequence_;
};

int Run(const std::string& folder, std::uint64_t checkpoint_from_bytes) {
  // A thousand kills remember more replies than a set usually does, and each is expected again.
  const auto store = LiveStore::Open(folder, {.checkpoint_from_bytes = checkpoint_from_bytes, .replies_max = 100'000'000});
  if (!store.ok()) {
    Say("unready " + store.status().ToString());
    return 1;
  }
  CrashWriter writer(**store);
  GroupCommit<Write> commit(writer);
  Say(absl::StrCat("ready ", (*store)->recovered().log_groups));
  std::thread replacing;
  for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words[0] == "dump") {
      writer.Dump(std::span(words).subspan(1));
    } else if (words[0] == "replace") {
      if (replacing.joinable()) replacing.join();
      replacing = std::thread([&writer, op = words[1]] { SayOutcome(op, writer.Replace()); });
    } else if (words[0] == "write") {
      Write write{.op = words[1], .changes = {}};
      for (std::size_t word = 2; word + 1 < words.size(); word += 2) write.changes.emplace_back(words[word], words[word + 1]);
      const absl::Status submitted = commit.Submit(std::move(write), line.size(),
                                                   [](const absl::Status& status, Write& done) { SayOutcome(done.op, status); });
      if (!submitted.ok()) SayOutcome(words[1], submitted);
    }
  }
  if (replacing.joinable()) replacing.join();
  commit.Stop();
  return 0;
}

}  // namespace
}  // namespace clientele

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::uint64_t checkpoint_from_bytes = clientele::kCheckpointFromBytes;
  if (argc > 2 && !absl::SimpleAtoi(argv[2], &checkpoint_from_bytes)) return 2;
  return clientele::Run(argv[1], checkpoint_from_bytes);
}
