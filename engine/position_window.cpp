#include "engine/position_window.h"

#include <algorithm>
#include <cassert>

#include "engine/bit_kernels.h"

namespace clientele {
namespace {

// So few matches are listed rather than halved: sorting them takes as long as another plane or two.
constexpr std::uint32_t kListedMax = 512;

// Of more, which the last plane may leave, so many on both sides of the wanted ones are kept.
constexpr std::size_t kKeptAround = 128;

// The matches that have the same bits in the first planes.
class Half {
 public:
  Half(const SortOrder& order, const RowBitmap& bits)
      : order_(order), source_(&bits), kept_(order.row_count()), last_word_((order.row_count() + 63) / 64) {
    inside_ = static_cast<std::uint32_t>(bits.Count());
  }

  std::uint32_t before() const { return before_; }
  std::uint32_t inside() const { return inside_; }
  const RowBitmap& bits() const { return *source_; }
  std::uint32_t begin() const { return bucket_ << shift(); }
  std::uint32_t end() const {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(order_.row_count(), std::uint64_t{bucket_ + 1} << shift()));
  }

  // Goes on to the half with matches `first` to `last`. False: they are in both, or there are no more planes.
  bool Descend(std::uint32_t first, std::uint32_t last) {
    if (plane_ == order_.plane_count()) return false;
    std::uint32_t ones = 0;
    ForEachChunk([&](std::uint32_t chunk, const std::uint64_t* plane, std::size_t words) {
      ones += static_cast<std::uint32_t>(AndPopCount(source_->chunk(chunk), plane, words));
    });
    const std::uint32_t upper_begin = before_ + inside_ - ones;
    const bool upper = first >= upper_begin;
    if (!upper && last >= upper_begin) return false;
    ForEachChunk([&](std::uint32_t chunk, const std::uint64_t* plane, std::size_t words) {
      const std::uint64_t* const from = source_->chunk(chunk);
      std::uint64_t* const to = kept_.chunk(chunk);
      const std::uint64_t kept = upper ? AndCount(from, plane, to, words) : AndNotCount(from, plane, to, words);
      kept_.SetChunkCount(chunk, static_cast<std::uint32_t>(kept));
    });
    source_ = &kept_;
    inside_ = upper ? ones : inside_ - ones;
    if (upper) before_ = upper_begin;
    bucket_ = bucket_ << 1 | (upper ? 1u : 0u);
    ++plane_;
    return true;
  }

 private:
  std::uint32_t shift() const { return order_.plane_shift() + order_.plane_count() - plane_; }

  // Those that hold matches, with the plane's words for their rows.
  template <class Visit>
  void ForEachChunk(Visit visit) const {
    for (std::uint32_t chunk = 0; chunk < source_->chunk_count(); ++chunk) {
      if (source_->ChunkCountOf(chunk) == 0) continue;
      const std::size_t word = std::size_t{chunk} * kChunkWords;
      visit(chunk, order_.plane(plane_) + word, std::min<std::size_t>(kChunkWords, last_word_ - word));
    }
  }

  const SortOrder& order_;
  const RowBitmap* source_;
  RowBitmap kept_;
  const std::size_t last_word_;
  std::uint32_t before_ = 0, inside_, bucket_ = 0, plane_ = 0;
};

// Adds the matches at the range's positions that lie outside the window.
void Extend(PositionWindow& window, WindowRange range, const SortOrder& order, const RowBitmap& bits) {
  const auto add = [&](std::uint32_t position) {
    if (bits.Test(order.row_at()[position])) window.positions.push_back(position);
  };
  const std::size_t held = window.positions.size();
  for (std::uint32_t position = range.begin; position < window.begin; ++position) add(position);
  const std::size_t in_front = window.positions.size() - held;
  std::ranges::rotate(window.positions, window.positions.begin() + static_cast<std::ptrdiff_t>(held));
  window.before -= static_cast<std::uint32_t>(in_front);
  for (std::uint32_t position = window.end; position < range.end; ++position) add(position);
  window.begin = std::min(window.begin, range.begin);
  window.end = std::max(window.end, range.end);
}

}  // namespace

std::uint32_t PositionWindow::CountBefore(std::uint32_t position) const {
  assert(begin <= position && position <= end);
  return before + static_cast<std::uint32_t>(std::ranges::lower_bound(positions, position) - positions.begin());
}

PositionWindow WindowByPlanes(const SortOrder& order, const RowBitmap& bits, std::uint32_t first, std::uint32_t last) {
  Half half(order, bits);
  assert(first <= last && last < half.inside() && order.plane_count() > 0);
  while (half.inside() > kListedMax && half.Descend(first, last)) {
  }
  PositionWindow window{.begin = half.begin(), .end = half.end(), .before = half.before(), .positions = {}};
  std::vector<std::uint32_t>& positions = window.positions;
  positions.reserve(half.inside());
  ForEachRow(half.bits(), [&, position_of = order.position_of()](std::uint32_t row) { positions.push_back(position_of[row]); });
  const std::size_t first_kept = std::max<std::size_t>(first - window.before, kKeptAround) - kKeptAround;
  const std::size_t last_kept = std::min(last - window.before + 1 + kKeptAround, positions.size());
  if (positions.size() > 2 * kListedMax) {
    const auto kept = [&](std::size_t index) { return positions.begin() + static_cast<std::ptrdiff_t>(index); };
    if (last_kept < positions.size()) {
      std::ranges::nth_element(positions, kept(last_kept));
      window.end = positions[last_kept];
    }
    std::nth_element(positions.begin(), kept(first_kept), kept(last_kept));
    if (first_kept > 0) window.begin = positions[first_kept];
    window.before += static_cast<std::uint32_t>(first_kept);
    positions.erase(kept(last_kept), positions.end());
    positions.erase(positions.begin(), kept(first_kept));
  }
  std::ranges::sort(positions);
  return window;
}

WindowRange TakeRange(PositionWindow& window, std::uint32_t first, std::uint32_t last, bool whole_groups, const SortOrder& order,
                      const RowBitmap& bits) {
  WindowRange range{window.positions[first - window.before], window.positions[last - window.before] + 1};
  if (!whole_groups) return range;
  range = {order.group_starts().Previous(range.begin), order.group_starts().Next(range.end)};
  Extend(window, range, order, bits);
  return range;
}

}  // namespace clientele
