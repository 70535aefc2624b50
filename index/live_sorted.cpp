#include "index/live_sorted.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <utility>

#include "index/live_table.h"

namespace clientele {
namespace {

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

// Fewer writes are left to who asks: copying all rows for each of them would be most of what a write costs.
constexpr std::uint64_t kWritesToCatchUp = 64;
constexpr int kCatchUpsPerQuery = 8;

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

// By the table's columns as far as these go: rows and their texts lie all over memory.
class Less {
 public:
  Less(const LiveTable& table, Field key) : ids_(table.columns().id.data()) {
    const LiveColumns& columns = table.columns();
    switch (key) {
      case Field::kEmail: second_ = columns.email_second.data(), text_ = LiveText::kEmail; break;
      case Field::kName: second_ = columns.name_second.data(), text_ = LiveText::kName; break;
      case Field::kCompanyName: second_ = columns.company_second.data(), text_ = LiveText::kCompanyName; break;
      default: break;
    }
  }

  bool operator()(const LiveSortedRow& a, const LiveSortedRow& b) const {
    if (a.number != b.number) return a.number < b.number;
    if (second_ != nullptr && a.number != kNullPrefix) {
      if (second_[a.slot] != second_[b.slot]) return second_[a.slot] < second_[b.slot];
      if (const auto order = a.row->Text(text_) <=> b.row->Text(text_); order != 0) return order < 0;
    }
    return ids_[a.slot] < ids_[b.slot];
  }

 private:
  const std::int64_t* ids_;
  const std::uint64_t* second_ = nullptr;  // Null when the key is no text.
  LiveText text_ = LiveText::kEmail;
};

// As std::lower_bound, in O(log of the distance): looks twice as far each time, then between the last two places.
const LiveSortedRow* FirstNotBefore(const LiveSortedRow* first, const LiveSortedRow* last, const LiveSortedRow& one,
                                    const Less& less) {
  std::ptrdiff_t step = 1;
  while (step < last - first && less(first[step], one)) {
    first += step;
    step *= 2;
  }
  return std::lower_bound(first, first + std::min(step + 1, last - first), one, less);
}

}  // namespace

std::shared_ptr<const LiveSortedRows> LiveSorted::Rows(const LiveTable& table, Field key, std::uint64_t writes) {
  const std::lock_guard lock(lock_);
  if (rows_ == nullptr)
    MakeAnew(table, key);
  else if (writes_ != writes)
    Update(table, key);
  writes_ = writes;
  appended_ = table.appended();
  catching_up_ = kCatchUpsPerQuery;
  return rows_;
}

void LiveSorted::CatchUp(const LiveTable& table, Field key, std::uint64_t writes) {
  const std::lock_guard lock(lock_);
  if (catching_up_ == 0 || writes - writes_ < kWritesToCatchUp) return;
  --catching_up_;
  Update(table, key);
  writes_ = writes;
  appended_ = table.appended();
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

// One pass: what is still current of the rows before each new one, and that one.
void LiveSorted::Update(const LiveTable& table, Field key) {
  const Less less(table, key);
  LiveSortedRows added;
  for (std::uint32_t slot = appended_; slot < table.appended(); ++slot) {
    if (table.IsAlive(slot)) added.push_back(SortedRow(table, key, slot));
  }
  std::ranges::sort(added, less);
  LiveSortedRows rows(rows_->size() + added.size());
  LiveSortedRow* out = rows.data();
  const LiveSortedRow* left = rows_->data();
  const LiveSortedRow* const last = left + rows_->size();
  const auto keep_until = [&](const LiveSortedRow* end) {
    for (; left != end; ++left) {
      // Advance by the test: which rows have gone is unpredictable.
      *out = *left;
      out += table.IsAlive(left->slot);
    }
  };
  for (const LiveSortedRow& one : added) {
    keep_until(FirstNotBefore(left, last, one, less));
    *out++ = one;
  }
  keep_until(last);
  rows.resize(static_cast<std::size_t>(out - rows.data()));
  rows_ = std::make_shared<const LiveSortedRows>(std::move(rows));
}

}  // namespace clientele
