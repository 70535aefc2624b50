#include "server/text_table.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <span>

#include "server/text_width.h"

namespace clientele {
namespace {

constexpr std::size_t kGap = 2;

// One line of cells; the last one is not filled up.
void AppendLine(std::span<const TableColumn> columns, std::span<const std::string> cells, std::span<const std::size_t> widths,
                std::string& out) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = CutToWidth(cells[i], widths[i]);
    const std::string fill(widths[i] - std::min(widths[i], DisplayWidth(cell)), ' ');
    if (i > 0) out.append(kGap, ' ');
    if (columns[i].right_aligned) out += fill;
    out += cell;
    if (!columns[i].right_aligned && i + 1 < cells.size()) out += fill;
  }
  out += '\n';
}

}  // namespace

void TextTable::AddRow(std::vector<std::string> cells) {
  assert(cells.size() == columns_.size());
  for (std::string& cell : cells) cell = TerminalSafe(cell);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> TextTable::FitWidths(std::size_t width) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(DisplayWidth(columns_[i].header));
    for (const auto& row : rows_) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  std::size_t total =
      std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - std::min<std::size_t>(widths.size(), 1)));
  while (total > width) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (columns_[i].elastic && (widest == nullptr || widths[i] > *widest)) widest = &widths[i];
    }
    if (widest == nullptr || *widest <= kMinimum) break;
    --*widest;
    --total;
  }
  return widths;
}

std::string TextTable::Render(std::size_t width) const {
  const std::vector<std::size_t> widths = FitWidths(width);
  std::vector<std::string> headers;
  for (const TableColumn& column : columns_) headers.push_back(column.header);
  std::string out;
  AppendLine(columns_, headers, widths, out);
  for (const auto& row : rows_) AppendLine(columns_, row, widths, out);
  return out;
}

}  // namespace clientele
