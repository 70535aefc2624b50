// Client records made in code, and a second, obvious way to write their JSON, for tests of the row encoding.
#pragma once

#include <deque>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

#include "index/client_record.h"

namespace clientele {

// A record together with the texts that its views point into.
class SampleRecord {
 public:
  // Only what the contract requires: an id, an email, a status, a company name and a creation time.
  explicit SampleRecord(std::int64_t id = 1);
  SampleRecord(const SampleRecord&) = delete;
  SampleRecord& operator=(const SampleRecord&) = delete;

  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  void SetText(Field field, std::string text);
  void SetNumber(Field field, std::string spelling);
  void SetInteger(Field field, std::int64_t value);  // Also words, countries, booleans and times.
  void SetNull(Field field) { record[field] = {}; }
  UserValue& AddUser(std::int64_t id, std::string email);  // With the client's own company and id, no name and no phone.

  ClientRecord record;

 private:
  std::deque<std::string> texts_;  // Never moves its elements.
};

// Fills a record with all sorts of values, many of them at the edges.
void FillAtRandom(SampleRecord& sample, std::mt19937_64& random);

// The record's JSON, one member after the other, without dictionaries or shortcuts. `fields` as in RenderRecord.
std::string PlainJson(const ClientRecord& record, std::uint64_t fields);

}  // namespace clientele
