// A live table with random clients, and the same clients as the oracle and a sealed segment know them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/oracle.h"
#include "index/live_row.h"
#include "index/live_table.h"
#include "index/record_codec.h"
#include "loader/record_parser.h"
#include "tests/engine/random_clients.h"

namespace clientele {

// Random records written to a live table: new ones, replacements, erasures.
class LiveWorld {
 public:
  LiveWorld(std::uint64_t seed, std::uint32_t client_count_max);

  // Writes once: inserts a new client, replaces one or erases one.
  void Write();
  void WriteAll();  // As many clients as the shape asks for, then as many random writes again.

  void CatchUpSorted() { table_->CatchUpSorted(); }

  const LiveTable& table() const { return *table_; }
  Oracle MakeOracle() const;  // Over the current clients.
  const std::map<std::int64_t, OracleClient>& clients() const { return clients_; }
  const std::map<std::int64_t, std::string>& json() const { return json_; }  // As the sealed rendering gives it, by id.
  const std::shared_ptr<RecordDictionaries>& dictionaries() const { return dictionaries_; }
  Random& random() { return random_; }

  // Parses a record; throws when it is refused. The record is valid until the next call.
  const ClientRecord& Parse(const std::string& json);

 private:
  void Insert(std::int64_t id);

  Random random_;
  WorldShape shape_;
  std::shared_ptr<RecordDictionaries> dictionaries_ = NewRecordDictionaries();
  LiveRowMaker maker_{dictionaries_};
  RecordEncoder encoder_{dictionaries_};
  RecordParser parser_;
  ClientRecord record_;
  std::string text_;
  std::unique_ptr<LiveTable> table_;
  std::vector<std::int64_t> new_ids_;
  std::map<std::int64_t, OracleClient> clients_;
  std::map<std::int64_t, std::string> json_;
};

}  // namespace clientele
