#include "engine/pending_batch.h"

#include <algorithm>
#include <utility>

#include <xxhash.h>

#include "engine/log_operations.h"

namespace clientele {
namespace {

// Addresses for the records of a segment: most are shorter than their JSON.
constexpr std::uint64_t kRecordBytesMin = std::uint64_t{64} << 20;

// Whether nothing decides what becomes of the writes but the records themselves, and nothing is wanted back of them.
bool OnlyPutsRecords(const WriteBatch& batch) {
  const auto puts_record = [](const Write& write) {
    return write.kind == WriteKind::kPut && write.precondition.kind == Precondition::Kind::kNone;
  };
  return !batch.dry_run && !batch.want_versions && !batch.want_records && std::ranges::all_of(batch.writes, puts_record);
}

void CheckId(const Write& write, PreparedWrite& prepared) {
  if (prepared.is_invalid || !write.id || *write.id == prepared.id) return;
  prepared.is_invalid = true;
  prepared.problem = {"/id", std::to_string(prepared.id), "the id of the request, " + std::to_string(*write.id)};
}

// False when there is nothing to seal, or a client is written twice: which of its records counts is not for sealing to decide.
bool SealRecords(PendingBatch& pending, WriteWorkbench& workbench) {
  std::uint64_t record_bytes = kRecordBytesMin;
  for (const Write& write : pending.batch.writes) record_bytes += 2 * write.json.size();
  SegmentBuilder builder(workbench.dictionaries(), record_bytes);
  SegmentBatch rows(builder.shared());
  std::string& log = workbench.packer().Start();
  for (std::size_t i = 0; i < pending.batch.writes.size(); ++i) {
    const Write& write = pending.batch.writes[i];
    PreparedWrite& prepared = pending.prepared[i];
    const ClientRecord* const record = workbench.Read(write.json, prepared);
    CheckId(write, prepared);
    if (prepared.is_invalid) continue;
    rows.Append(*record);
    AppendUpsert(write.json, log);
  }
  if (rows.size() == 0) return false;
  builder.Add(0, std::move(rows));
  SealResult sealed = std::move(builder).Seal({}, 1);
  if (!sealed.duplicates.empty()) return false;
  pending.sealed = std::move(sealed.segment);
  pending.payload = workbench.packer().Pack();
  return true;
}

void MakeRows(PendingBatch& pending, WriteWorkbench& workbench) {
  const WriteBatch& batch = pending.batch;
  bool records_decide = !batch.dry_run;
  std::string& log = workbench.packer().Start();
  for (std::size_t i = 0; i < batch.writes.size(); ++i) {
    const Write& write = batch.writes[i];
    PreparedWrite& prepared = pending.prepared[i];
    if (write.id) prepared.id = *write.id;
    if (write.kind != WriteKind::kCreate && write.kind != WriteKind::kPut) {
      records_decide = false;
      continue;
    }
    workbench.MakeRow(write.json, batch.want_versions || batch.want_records, prepared);
    CheckId(write, prepared);
    records_decide = records_decide && !prepared.is_invalid;
    if (records_decide) AppendUpsert(write.json, log);
  }
  if (records_decide) pending.payload = workbench.packer().Pack();
}

}  // namespace

RecordVersion VersionOf(std::string_view json) {
  return XXH3_64bits(json.data(), json.size());
}

const ClientRecord* WriteWorkbench::Read(std::string_view json, PreparedWrite& prepared) {
  prepared.is_invalid = !reader_->Read(json, record_, prepared.problem);
  if (prepared.is_invalid) return nullptr;
  prepared.id = record_.id();
  return &record_;
}

void WriteWorkbench::MakeRow(std::string_view json, bool want_json, PreparedWrite& prepared) {
  if (Read(json, prepared) == nullptr) return;
  prepared.row = maker_.Make(record_);
  if (!want_json) return;
  prepared.json.clear();
  RenderLiveRow(*prepared.row, kAllFields, prepared.json);
  prepared.version = VersionOf(prepared.json);
}

std::unique_ptr<WriteWorkbench> WorkbenchPool::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto workbench = std::move(idle_.back());
      idle_.pop_back();
      return workbench;
    }
  }
  return std::make_unique<WriteWorkbench>(new_reader_(), dictionaries_);
}

void WorkbenchPool::GiveBack(std::unique_ptr<WriteWorkbench> workbench) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(workbench));
}

PendingBatch PrepareBatch(WriteBatch batch, WriteWorkbench& workbench, std::size_t segment_rows) {
  PendingBatch pending;
  pending.prepared.resize(batch.writes.size());
  pending.batch = std::move(batch);
  const bool may_seal = pending.batch.writes.size() >= segment_rows && OnlyPutsRecords(pending.batch);
  if (!may_seal || !SealRecords(pending, workbench)) MakeRows(pending, workbench);
  return pending;
}

}  // namespace clientele
