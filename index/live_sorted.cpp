#include "index/live_sorted.h"

#include <algorithm>
#include <bit>
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
  if (writes_ != writes || alive_.empty()) alive_.assign(table.alive().begin(), table.alive().end());
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

// What stays is copied by runs between the rows that came and those that went.
void LiveSorted::Update(const LiveTable& table, Field key) {
  const Less less(key);
  LiveSortedRows added, gone;
  for (std::uint32_t slot = appended_; slot < table.appended(); ++slot) {
    if (table.IsAlive(slot)) added.push_back(SortedRow(table, key, slot));
  }
  for (std::uint32_t word = 0; word < alive_.size(); ++word) {
    for (std::uint64_t left = alive_[word] & ~table.alive()[word]; left != 0; left &= left - 1)
      gone.push_back(SortedRow(table, key, word * 64 + static_cast<std::uint32_t>(std::countr_zero(left))));
  }
  std::ranges::sort(added, less);
  std::ranges::sort(gone, less);
  LiveSortedRows rows;
  rows.reserve(table.size());
  auto left = rows_->begin();
  const auto keep_until = [&](const LiveSortedRow& one) {
    const auto end = std::lower_bound(left, rows_->end(), one, less);
    rows.insert(rows.end(), left, end);
    left = end;
  };
  auto next_gone = gone.begin();
  const auto drop_before = [&](auto is_before) {
    for (; next_gone != gone.end() && is_before(*next_gone); ++next_gone) {
      keep_until(*next_gone);
      assert(left->slot == next_gone->slot);
      ++left;
    }
  };
  for (const LiveSortedRow& one : added) {
    drop_before([&](const LiveSortedRow& dropped) { return less(dropped, one); });
    keep_until(one);
    rows.push_back(one);
  }
  drop_before([](const LiveSortedRow&) { return true; });
  rows.insert(rows.end(), left, rows_->end());
  rows_ = std::make_shared<const LiveSortedRows>(std::move(rows));
}

}  // namespace clientele
