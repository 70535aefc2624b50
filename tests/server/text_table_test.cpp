#include "server/text_table.h"

#include <catch2/catch.hpp>

namespace clientele {
namespace {

TextTable SmallTable() {
  TextTable table({{"id", true, false}, {"name"}, {"city"}});
  table.AddRow({"7", "佐藤 太郎", "Tokyo"});
  table.AddRow({"1234", "Bob", "A very long name of a town"});
  return table;
}

}  // namespace

TEST_CASE("a table lines its columns up whatever the script", "[server][text_table]") {
  CHECK(SmallTable().Render(100) ==
        "  id  name       city\n"
        "   7  佐藤 太郎  Tokyo\n"
        "1234  Bob        A very long name of a town\n");
}

TEST_CASE("a table that is too wide cuts its widest column", "[server][text_table]") {
  CHECK(SmallTable().Render(30) ==
        "  id  name       city\n"
        "   7  佐藤 太郎  Tokyo\n"
        "1234  Bob        A very long …\n");
}

TEST_CASE("a table keeps columns readable even when that makes it too wide", "[server][text_table]") {
  CHECK(SmallTable().Render(1) ==
        "  id  name    city\n"
        "   7  佐藤 …  Tokyo\n"
        "1234  Bob     A ver…\n");
}

TEST_CASE("a table does not cut columns that are useless when cut", "[server][text_table]") {
  TextTable table({{"time", false, false}, {"name"}});
  table.AddRow({"2024-01-31 12:30:00", "A long name"});
  CHECK(table.Render(30) == "time                 name\n2024-01-31 12:30:00  A long n…\n");
}

TEST_CASE("a table disarms what its cells hold", "[server][text_table]") {
  TextTable table({{"name"}});
  table.AddRow({"\x1b[2J\nBob"});
  CHECK(table.Render(80) == "name\n\uFFFD[2J Bob\n");
}

TEST_CASE("a table without rows is its header", "[server][text_table]") {
  CHECK(TextTable({{"id", true}}).Render(80) == "id\n");
  CHECK(TextTable({}).Render(80) == "\n");
}

}  // namespace clientele
