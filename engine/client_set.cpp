#include "engine/client_set.h"

#include <algorithm>
#include <future>
#include <utility>

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>

#include "engine/batch_decision.h"
#include "engine/log_operations.h"
#include "engine/reply_bytes.h"
#include "index/absl_view.h"
#include "index/tombstone_bytes.h"

namespace clientele {
namespace {

using Clock = std::chrono::steady_clock;

// Replayed rows that are made a segment together.
constexpr std::size_t kReplayRows = 16'384;

// Changes of distinct clients, gathered from changes in order: of each client the last one counts.
class ChangeSet {
 public:
  void Add(ClientChange change) {
    const auto [place, is_new] = index_.try_emplace(change.id, changes_.size());
    if (is_new)
      changes_.push_back(std::move(change));
    else
      changes_[place->second] = std::move(change);
  }
  std::size_t size() const { return changes_.size(); }
  std::vector<ClientChange>& changes() { return changes_; }
  void Clear() {
    changes_.clear();
    index_.clear();
  }

 private:
  std::vector<ClientChange> changes_;
  absl::flat_hash_map<std::int64_t, std::size_t> index_;
};

double SecondsSince(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

std::uint64_t BytesOf(const WriteBatch& batch) {
  std::uint64_t bytes = 0;
  for (const Write& write : batch.writes) bytes += write.json.size() + sizeof(write);
  return bytes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClientSet>> ClientSet::Open(const std::string& folder, ClientSetOptions options) {
  std::unique_ptr<ClientSet> set(new ClientSet(std::move(options)));
  if (absl::Status status = set->OpenFolder(folder); !status.ok()) return status;
  return set;
}

absl::Status ClientSet::OpenFolder(const std::string& folder) {
  const auto began = Clock::now();
  auto store = LiveStore::Open(folder, options_.store);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  const LiveStore::Recovered& recovered = store_->recovered();

  // The largest first: most records are read with its dictionaries, which the others then extend.
  std::vector<LiveSegment> files = recovered.segments;
  std::ranges::sort(files, std::greater(), [](const LiveSegment& segment) { return segment.file.rows; });
  const auto dictionaries = std::make_shared<RecordDictionaries>();
  std::vector<SetSegment> segments;
  for (const LiveSegment& file : files) {
    if (options_.on_progress)
      options_.on_progress("segments", static_cast<double>(segments.size()) / static_cast<double>(files.size()));
    auto opened = OpenFile(file, folder, dictionaries);
    if (!opened.ok()) return opened.status();
    segments.push_back(*std::move(opened));
  }
  state_ = std::make_unique<SetState>(dictionaries, std::move(segments), options_.live_capacity);
  workbenches_ = std::make_unique<WorkbenchPool>(options_.new_reader, dictionaries);
  deciding_ = workbenches_->Take();
  const auto replay_began = Clock::now();
  if (absl::Status status = ReplayLog(); !status.ok()) return status;
  state_->TakeRetired();  // No query has any yet.
  opened_ = {.clients = client_count(),
             .segments = recovered.segments.size(),
             .log_groups = recovered.log_groups,
             .log_rows = recovered.log_rows,
             .log_bytes = recovered.log_bytes,
             .files_removed = recovered.files_removed,
             .seconds = SecondsSince(began),
             .replay_seconds = SecondsSince(replay_began)};
  next_sequence_ = recovered.last_sequence + 1;
  if (options_.store.read_only) return absl::OkStatus();
  maintenance_ = std::make_unique<SegmentMaintenance>(*state_, *store_, options_.maintenance);
  maintenance_->Wake();
  commit_ = std::make_unique<GroupCommit<PendingBatch>>(*this, options_.commit);
  return absl::OkStatus();
}

absl::StatusOr<SetSegment> ClientSet::OpenFile(const LiveSegment& file, const std::string& folder,
                                               const std::shared_ptr<RecordDictionaries>& dictionaries) const {
  const std::string path = absl::StrCat(folder, "/", file.file.name);
  auto opened = OpenSegmentFile(path, {.verify = options_.verify, .on_damage = options_.on_damage, .dictionaries = dictionaries});
  if (!opened.ok()) return opened.status();
  // Lookups by id come with every write, and tombstones are counted by every order.
  if (absl::Status status = opened->segment->Require(Field::kId, IndexPart::kOrder); !status.ok()) return status;
  SetSegment segment{.segment = std::move(opened->segment), .tombstones = nullptr, .number = file.number()};
  const auto dead = DeadRowsOf(file.tombstones, segment.segment->row_count());
  if (!dead.ok()) return absl::DataLossError(absl::StrCat(path, ": ", dead.status().message()));
  segment.tombstones = Tombstones::None(*segment.segment);
  if (!dead->empty()) segment.tombstones = segment.tombstones->With(*segment.segment, *dead);
  segment.kept = segment.tombstones;
  return segment;
}

absl::Status ClientSet::ReplayLog() {
  const std::lock_guard writing(state_->writing());
  ChangeSet changes;
  SequenceRange sequences;
  std::uint64_t rows = 0;
  const auto apply = [&] {
    state_->Apply(changes.changes(), sequences);
    changes.Clear();
    sequences = {};
  };
  const auto on_upsert = [&](std::string_view json) {
    PreparedWrite prepared;
    deciding_->MakeRow(json, false, prepared);
    if (prepared.is_invalid) {
      return absl::DataLossError(absl::StrCat("a record in the log cannot be read: at '", prepared.problem.pointer, "' expected ",
                                              prepared.problem.expected, ", got ", prepared.problem.value));
    }
    const std::int64_t id = prepared.id;
    changes.Add({id, std::move(prepared.row)});
    return absl::OkStatus();
  };
  const auto on_purge = [&](std::int64_t id) {
    changes.Add({id, nullptr});
    return absl::OkStatus();
  };
  const absl::Status status = store_->Replay([&](std::uint64_t sequence, std::string_view payload) {
    if (sequences.first == 0) sequences.first = sequence;
    sequences.last = sequence;
    const std::size_t before = changes.size();
    if (absl::Status group = ForEachOperation(payload, on_upsert, on_purge); !group.ok()) return group;
    rows += changes.size() - before;
    if (options_.on_progress && store_->recovered().log_rows > 0)
      options_.on_progress("log", static_cast<double>(rows) / static_cast<double>(store_->recovered().log_rows));
    if (changes.size() >= kReplayRows) apply();
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (sequences.last > 0) apply();
  state_->Finish();
  return absl::OkStatus();
}

ClientSet::~ClientSet() {
  commit_.reset();
  maintenance_.reset();
}

absl::StatusOr<std::optional<FoundClient>> ClientSet::Find(std::int64_t id) const {
  const CurrentVersion::Looked looked = state_->current().Look(id);
  FoundClient found;
  if (looked.row != nullptr) {
    RenderLiveRow(*looked.row, kAllFields, found.json);
    found.version = VersionOf(found.json);
    return found;
  }
  for (const SegmentView& view : looked.sealed->segments()) {
    const auto row = view.segment->RowOf(id);
    if (!row || (view.tombstones != nullptr && view.tombstones->Test(*row))) continue;
    if (absl::Status status = view.segment->RequireRecords({&*row, 1}); !status.ok()) return status;
    RenderRecord(view.segment->dictionaries(), view.segment->records().Record(*row), kAllFields, found.json);
    found.version = VersionOf(found.json);
    return found;
  }
  return std::nullopt;
}

void ClientSet::Submit(WriteBatch batch, Done done) {
  // What cannot be written is not worth preparing.
  if (absl::Status refusal = Refusal(batch); !refusal.ok()) return done(refusal);
  SubmitPrepared(Prepare(std::move(batch)), std::move(done));
}

PendingBatch ClientSet::Prepare(WriteBatch batch) const {
  std::unique_ptr<WriteWorkbench> workbench = workbenches_->Take();
  PendingBatch pending = PrepareBatch(std::move(batch), *workbench, options_.segment_rows);
  workbenches_->GiveBack(std::move(workbench));
  return pending;
}

absl::Status ClientSet::Refusal(const WriteBatch& batch) const {
  if (commit_ == nullptr && !batch.dry_run) return absl::FailedPreconditionError("the set was opened for reading only");
  if (batch.atomic && batch.writes.size() > options_.atomic_writes_max) {
    return absl::InvalidArgumentError(
        absl::StrCat("an atomic batch may have ", options_.atomic_writes_max, " writes, not ", batch.writes.size()));
  }
  return store_->failure();
}

// For a set that was opened for reading.
WriteReply ClientSet::CheckOnly(PendingBatch batch) {
  const std::lock_guard writing(state_->writing());
  GroupDecision(*state_, *store_, *deciding_, std::chrono::system_clock::now()).Decide(batch);
  return std::move(batch.reply);
}

void ClientSet::SubmitPrepared(PendingBatch pending, Done done) {
  if (absl::Status refusal = Refusal(pending.batch); !refusal.ok()) return done(refusal);
  if (commit_ == nullptr) return done(CheckOnly(std::move(pending)));
  const std::uint64_t bytes = BytesOf(pending.batch);
  const auto shared_done = std::make_shared<Done>(std::move(done));
  const absl::Status submitted =
      commit_->Submit(std::move(pending), bytes, [shared_done](const absl::Status& status, PendingBatch& committed) {
        if (!status.ok())
          (*shared_done)(status);
        else if (!committed.status.ok())
          (*shared_done)(committed.status);
        else
          (*shared_done)(std::move(committed.reply));
      });
  if (!submitted.ok()) (*shared_done)(submitted);
}

absl::StatusOr<WriteReply> ClientSet::Commit(WriteBatch batch) {
  std::promise<absl::StatusOr<WriteReply>> promise;
  Submit(std::move(batch), [&](absl::StatusOr<WriteReply> reply) { promise.set_value(std::move(reply)); });
  return promise.get_future().get();
}

void ClientSet::Validate(std::span<PendingBatch> group) {
  maintenance_->WaitForFewerSegments(options_.segments_max);
  writing_ = std::unique_lock(state_->writing());
  GroupDecision decision(*state_, *store_, *deciding_, std::chrono::system_clock::now());
  for (PendingBatch& pending : group) decision.Decide(pending);
}

absl::Status ClientSet::Append(std::span<PendingBatch> group) {
  std::vector<LogGroup> log;
  sequences_.assign(group.size(), 0);
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  for (std::size_t i = 0; i < group.size(); ++i) {
    PendingBatch& pending = group[i];
    if (pending.changed_rows() == 0) continue;
    sequences_[i] = next_sequence_++;
    LogGroup one{.sequence = sequences_[i], .rows = pending.changed_rows(), .payload = {}, .replies = {}};
    one.payload = pending.payload ? *std::move(pending.payload) : LogPayload::Pack(pending.log);
    if (const auto& asked = pending.batch.idempotency)
      one.replies.push_back({asked->key, asked->fingerprint, ReplyBytes(pending.reply), now.count()});
    log.push_back(std::move(one));
  }
  if (log.empty()) return absl::OkStatus();
  absl::Status status = store_->Append(log);
  if (!status.ok()) {
    next_sequence_ = log.front().sequence;  // Nothing was written.
    writing_.unlock();
  }
  return status;
}

void ClientSet::Apply(std::span<PendingBatch> group) {
  std::size_t rows = 0;
  for (const PendingBatch& pending : group) rows += pending.changes.size();
  // Many rows are a segment of their own, at once. Few are put into the live table, in steps none of which cuts an atomic batch.
  const bool as_one = rows >= options_.segment_rows;
  ChangeSet changes;
  SequenceRange sequences;
  const auto apply = [&] {
    if (sequences.last == 0) return;
    state_->Apply(changes.changes(), sequences);
    changes.Clear();
    sequences = {};
  };
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (sequences_[i] == 0) continue;
    if (group[i].sealed != nullptr) {
      apply();
      state_->Apply(std::move(group[i].sealed), {sequences_[i], sequences_[i]});
      continue;
    }
    std::vector<ClientChange>& own = group[i].changes;
    if (!as_one && group[i].batch.atomic && changes.size() + own.size() > SetState::kStepRows) apply();
    for (ClientChange& change : own) {
      if (!as_one && !group[i].batch.atomic && changes.size() == SetState::kStepRows) apply();
      if (sequences.first == 0) sequences.first = sequences_[i];
      sequences.last = sequences_[i];
      changes.Add(std::move(change));
    }
  }
  apply();
}

void ClientSet::Finish() {
  state_->Finish();
  writing_.unlock();
  maintenance_->Wake();
}

void ClientSet::SealLive() {
  {
    const std::lock_guard writing(state_->writing());
    state_->SealLive();
  }
  maintenance_->Wake();
}

std::vector<SetSegment> ClientSet::segments() const {
  const std::lock_guard writing(state_->writing());
  return state_->segments();
}

ClientSetFigures ClientSet::figures() const {
  ClientSetFigures figures;
  figures.live_rows = state_->current().live_rows();
  const std::shared_ptr<const SealedVersion> sealed = state_->current().sealed();
  figures.segments = sealed->segments().size();
  for (const SegmentView& one : sealed->segments()) {
    if (const Tombstones* const dead = one.dead()) figures.dead_rows += dead->count();
  }
  figures.clients = client_count();
  figures.epoch = state_->current().epoch();
  figures.log = store_->figures();
  if (maintenance_ != nullptr) figures.maintenance = maintenance_->figures();
  if (commit_ != nullptr) {
    const auto committed = commit_->figures();
    figures.groups = committed.groups;
    figures.batches = committed.writes;
    figures.waiting = committed.waiting;
  }
  return figures;
}

}  // namespace clientele
