#include "index/live_sorted.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "index/live_table.h"

namespace clientele {
namespace {

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

LiveSortedRow SortedRow(const LiveTable& table, Field key, std::uint32_t slot) {
  const LiveColumns& columns = table.columns();
  const auto number = [&]() -> std::uint64_t {
    switch (key) {
      case Field::kId: return static_cast<std::uint64_t>(columns.id[slot]) ^ kSignBit;
      case Field::kCreatedAt: return static_cast<std::uint64_t>(columns.created_at_us[slot]) ^ kSignBit;
      case Field::kEmail: return columns.email_prefix[slot];
      case Field::kName: return columns.name_prefix[slot];
      case Field::kCompanyName: return columns.company_prefix[slot];
      default: assert(false); return 0;
    }
  };
  return {number(), &table.Row(slot), slot};
}

class Less {
 public:
  explicit Less(Field key)
      : is_text_(Def(key).kind == FieldKind::kText),
        text_(key == Field::kEmail  ? LiveText::kEmail
              : key == Field::kName ? LiveText::kName
                                    : LiveText::kCompanyName) {}

  bool operator()(const LiveSortedRow& a, const LiveSortedRow& b) const {
    if (a.number != b.number) return a.number < b.number;
    if (is_text_) {
      if (const auto order = a.row->Text(text_) <=> b.row->Text(text_); order != 0) return order < 0;
    }
    return a.row->id < b.row->id;
  }

 private:
  bool is_text_;
  LiveText text_;
};

}  // namespace

std::shared_ptr<const LiveSortedRows> LiveSorted::Rows(const LiveTable& table, Field key, std::uint64_t writes) {
  const std::lock_guard lock(lock_);
  if (rows_ == nullptr)
    MakeAnew(table, key);
  else if (writes_ != writes)
    Update(table, key);
  writes_ = writes;
  appended_ = table.appended();
  return rows_;
}

void LiveSorted::MakeAnew(const LiveTable& table, Field key) {
  LiveSortedRows rows;
  rows.reserve(table.size());
  table.VisitInOrder(key, false, [&](std::uint32_t slot) {
    rows.push_back(SortedRow(table, key, slot));
    return true;
  });
  rows_ = std::make_shared<const LiveSortedRows>(std::move(rows));
}

void LiveSorted::Update(const LiveTable& table, Field key) {
  const Less less(key);
  LiveSortedRows added;
  for (std::uint32_t slot = appended_; slot < table.appended(); ++slot) {
    if (table.IsAlive(slot)) added.push_back(SortedRow(table, key, slot));
  }
  std::ranges::sort(added, less);
  LiveSortedRows rows;
  rows.reserve(table.size());
  auto left = rows_->begin();
  const auto keep_until = [&](LiveSortedRows::const_iterator end) {
    std::copy_if(left, end, std::back_inserter(rows), [&](const LiveSortedRow& one) { return table.IsAlive(one.slot); });
    left = end;
  };
  for (const LiveSortedRow& one : added) {
    keep_until(std::lower_bound(left, rows_->end(), one, less));
    rows.push_back(one);
  }
  keep_until(rows_->end());
  rows_ = std::make_shared<const LiveSortedRows>(std::move(rows));
}

}  // namespace clientele
