#include "tests/engine/live_world.h"

#include <stdexcept>

namespace clientele {

LiveWorld::LiveWorld(std::uint64_t seed, std::uint32_t client_count_max)
    : random_(seed),
      shape_(RandomShape(random_, client_count_max)),
      table_(std::make_unique<LiveTable>(random_.Chance(500) ? LiveTable::kDefaultCapacity : 10)) {
  new_ids_ = RandomIds(shape_.client_count, random_);
}

const ClientRecord& LiveWorld::Parse(const std::string& json) {
  text_ = json;
  text_.append(RecordParser::kPadding, '\0');
  RecordError error;
  if (!parser_.Parse(std::string_view(text_).substr(0, json.size()), record_, error)) {
    throw std::runtime_error("a random record was refused at '" + error.pointer + "'");
  }
  return record_;
}

void LiveWorld::Insert(std::int64_t id) {
  const ClientRecord& record = Parse(RandomClientJson(shape_, id, random_));
  const LiveRow* const before = table_->Find(id);
  if (table_->Insert(maker_.Make(record)) != before) throw std::runtime_error("another row was replaced");
  clients_.insert_or_assign(id, ToOracleClient(record));
  std::string encoded, json;
  encoder_.Append(record, encoded);
  RenderRecord(*dictionaries_, reinterpret_cast<const std::uint8_t*>(encoded.data()), ~std::uint64_t{0}, json);
  json_.insert_or_assign(id, std::move(json));
}

void LiveWorld::Write() {
  const auto some = [&] {
    return std::next(clients_.begin(), static_cast<std::ptrdiff_t>(random_.Below(clients_.size())))->first;
  };
  const bool add = !new_ids_.empty() && random_.Chance(300);
  if (add || clients_.empty()) {
    if (new_ids_.empty()) return;
    Insert(new_ids_.back());
    new_ids_.pop_back();
  } else if (random_.Chance(700)) {
    Insert(some());
  } else {
    const std::int64_t id = some();
    const LiveRow* const row = table_->Find(id);
    if (row == nullptr || table_->Erase(id) != row || table_->Find(id) != nullptr) throw std::runtime_error("not erased");
    if (table_->Erase(id) != nullptr) throw std::runtime_error("erased twice");
    clients_.erase(id);
    json_.erase(id);
    new_ids_.insert(new_ids_.begin(), id);  // May come back.
  }
}

void LiveWorld::WriteAll() {
  const std::uint64_t keep = random_.Below(3) * new_ids_.size() / 10;
  while (new_ids_.size() > keep) {
    Insert(new_ids_.back());
    new_ids_.pop_back();
  }
  for (std::uint64_t writes = random_.Below(shape_.client_count); writes > 0; --writes) Write();
}

Oracle LiveWorld::MakeOracle() const {
  std::vector<OracleClient> clients;
  for (const auto& [id, client] : clients_) clients.push_back(client);
  return Oracle(std::move(clients));
}

}  // namespace clientele
