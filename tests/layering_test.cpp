// The architecture as a test: which folder may include which, and that no files include each other in a circle.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace {

namespace fs = std::filesystem;

struct Include {
  std::string file;  // That includes, from the root: "engine/query.h".
  int line;
  std::string to;  // As spelled between the quotes.
};

const std::vector<std::string> kFolders{"index", "engine", "loader", "server"};

std::string FolderOf(const std::string& path) {
  return path.substr(0, path.find('/'));
}

bool IsSource(const fs::path& path) {
  return path.extension() == ".h" || path.extension() == ".cpp";
}

// What stands between the quotes of an #include line; empty for every other line.
std::string QuotedInclude(const std::string& line) {
  const std::size_t hash = line.find_first_not_of(" \t");
  if (hash == std::string::npos || line[hash] != '#' || line.find("include", hash) == std::string::npos) return {};
  const std::size_t open = line.find('"');
  if (open == std::string::npos) return {};
  return line.substr(open + 1, line.find('"', open + 1) - open - 1);
}

std::vector<Include> ProjectIncludes() {
  const fs::path root = CLIENTELE_SOURCE_DIR;
  std::vector<Include> includes;
  for (const std::string& folder : kFolders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || !IsSource(entry.path())) continue;
      std::ifstream file(entry.path());
      int number = 0;
      for (std::string line; std::getline(file, line);) {
        ++number;
        const std::string to = QuotedInclude(line);
        if (!to.empty()) includes.push_back({fs::relative(entry.path(), root).generic_string(), number, to});
      }
    }
  }
  return includes;
}

using Graph = std::map<std::string, std::set<std::string>>;

// Some circle as "a -> b -> a", or empty when there is none.
std::string FindCircle(const Graph& graph) {
  std::set<std::string> done;
  std::vector<std::string> path;
  std::string circle;
  const auto visit = [&](const auto& self, const std::string& node) -> bool {
    if (const auto seen = std::find(path.begin(), path.end(), node); seen != path.end()) {
      for (auto step = seen; step != path.end(); ++step) circle += *step + " -> ";
      circle += node;
      return true;
    }
    if (done.contains(node) || !graph.contains(node)) return false;
    path.push_back(node);
    for (const std::string& next : graph.at(node)) {
      if (self(self, next)) return true;
    }
    path.pop_back();
    done.insert(node);
    return false;
  };
  for (const auto& [node, targets] : graph) {
    if (visit(visit, node)) break;
  }
  return circle;
}

}  // namespace

TEST_CASE("includes are spelled from the root and name files that exist", "[layering]") {
  const std::vector<Include> includes = ProjectIncludes();
  REQUIRE(includes.size() > 20);
  for (const Include& include : includes) {
    INFO(include.file << ":" << include.line << " includes \"" << include.to << "\"");
    CHECK(std::count(kFolders.begin(), kFolders.end(), FolderOf(include.to)) == 1);
    CHECK(fs::exists(fs::path(CLIENTELE_SOURCE_DIR) / include.to));
  }
}

TEST_CASE("a folder includes only the folders below it", "[layering]") {
  const Graph below{
      {"index", {}}, {"engine", {"index"}}, {"loader", {"index", "engine"}}, {"server", {"index", "engine", "loader"}}};
  for (const Include& include : ProjectIncludes()) {
    INFO(include.file << ":" << include.line << " includes \"" << include.to << "\"");
    const std::string from = FolderOf(include.file);
    CHECK((from == FolderOf(include.to) || below.at(from).contains(FolderOf(include.to))));
  }
}

TEST_CASE("no files include each other in a circle", "[layering]") {
  Graph graph;
  for (const Include& include : ProjectIncludes()) graph[include.file].insert(include.to);
  CHECK(FindCircle(graph) == "");
}

TEST_CASE("the search for circles finds one", "[layering]") {
  CHECK(FindCircle({{"a", {"b"}}, {"b", {"c", "d"}}, {"d", {"b"}}}) == "b -> d -> b");
  CHECK(FindCircle({{"a", {"a"}}}) == "a -> a");
  CHECK(FindCircle({{"a", {"b", "c"}}, {"b", {"c"}}}).empty());
}

TEST_CASE("the reading of include lines knows what an include is", "[layering]") {
  CHECK(QuotedInclude("#include \"index/schema.h\"  // why") == "index/schema.h");
  CHECK(QuotedInclude("  # include \"a/b.h\"") == "a/b.h");
  CHECK(QuotedInclude("#include <vector>").empty());
  CHECK(QuotedInclude("// #include \"a/b.h\"").empty());
  CHECK(QuotedInclude("const char* include = \"x\";").empty());
}
