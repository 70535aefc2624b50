#include "engine/named_ids.h"

#include <utility>

namespace clientele {
namespace {

NamedIds LookUp(const SegmentView& first, std::span<const std::int64_t> ids) {
  NamedIds named;
  named.rows.resize(ids.size());
  first.segment->FindRows(ids, named.rows);
  const Tombstones* const dead = first.dead();
  std::size_t found = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::uint32_t row = named.rows[i];
    if (row == Segment::kNoRow || (dead != nullptr && dead->Test(row))) named.elsewhere.push_back(ids[i]);
    if (row != Segment::kNoRow) named.rows[found++] = row;
  }
  named.rows.resize(found);
  return named;
}

}  // namespace

AllNamedIds LookUpNamedIds(const SegmentView& first, const Query& query) {
  AllNamedIds all;
  for (std::size_t i = 0; i < query.all_of.size(); ++i) {
    if (!NamesIds(query.all_of[i])) continue;
    all.push_back(LookUp(first, std::get<ValueSetOperand>(query.all_of[i].operand).values));
    all.back().predicate = i;
  }
  return all;
}

}  // namespace clientele
