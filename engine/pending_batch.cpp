#include "engine/pending_batch.h"

#include <utility>

#include <xxhash.h>

#include "engine/log_operations.h"

namespace clientele {

RecordVersion VersionOf(std::string_view json) {
  return XXH3_64bits(json.data(), json.size());
}

void WriteWorkbench::Read(std::string_view json, bool want_json, PreparedWrite& prepared) {
  prepared.is_invalid = !reader_->Read(json, record_, prepared.problem);
  if (prepared.is_invalid) return;
  prepared.id = record_.id();
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

PendingBatch PrepareBatch(WriteBatch batch, WriteWorkbench& workbench) {
  PendingBatch pending;
  pending.prepared.resize(batch.writes.size());
  bool records_decide = !batch.dry_run;
  std::string log;
  for (std::size_t i = 0; i < batch.writes.size(); ++i) {
    const Write& write = batch.writes[i];
    PreparedWrite& prepared = pending.prepared[i];
    if (write.id) prepared.id = *write.id;
    if (write.kind != WriteKind::kCreate && write.kind != WriteKind::kPut) {
      records_decide = false;
      continue;
    }
    workbench.Read(write.json, batch.want_versions || batch.want_records, prepared);
    if (!prepared.is_invalid && write.id && *write.id != prepared.id) {
      prepared.is_invalid = true;
      prepared.problem = {"/id", std::to_string(prepared.id), "the id of the request, " + std::to_string(*write.id)};
    }
    records_decide = records_decide && !prepared.is_invalid;
    if (records_decide) AppendUpsert(write.json, log);
  }
  if (records_decide) pending.payload = LogPayload::Pack(log);
  pending.batch = std::move(batch);
  return pending;
}

}  // namespace clientele
