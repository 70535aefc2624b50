// A table of texts for a terminal. One thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace clientele {

struct TableColumn {
  std::string header;
  bool right_aligned = false;  // For numbers.
  bool elastic = true;         // May be cut; false for what is short and useless when cut, such as ids and times.
};

class TextTable {
 public:
  explicit TextTable(std::vector<TableColumn> columns) : columns_(std::move(columns)) {}

  // One cell per column; made safe for terminals here.
  void AddRow(std::vector<std::string> cells);

  // Header and rows, lines of at most `width` columns where that is possible: the widest elastic columns give way first, but none
  // below kMinimum. O(cells).
  std::string Render(std::size_t width) const;

  static constexpr std::size_t kMinimum = 6;

 private:
  std::vector<std::size_t> FitWidths(std::size_t width) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace clientele
