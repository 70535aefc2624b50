#include "loader/input_paths.h"

#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/loader/temporary_files.h"

namespace clientele {
namespace {

namespace fs = std::filesystem;

// Names within the folder.
std::vector<std::string> Names(const TemporaryFolder& folder, const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths)
    names.push_back(path.starts_with(folder.Path("")) ? path.substr(folder.Path("").size()) : path);
  return names;
}

TEST_CASE("files and standard input are taken as they are named", "[loader][input_paths]") {
  const TemporaryFolder folder;
  const std::string file = folder.Write("b", ""), odd = folder.Write("a[1]*.csv", "");
  const auto found = FindInputs({file, "-", odd, folder.Path("missing")});
  REQUIRE(found.ok());
  CHECK(found->files == std::vector<std::string>{file, "-", odd, folder.Path("missing")});
  CHECK(found->skipped.empty());
}

TEST_CASE("a folder means all files below it, by name, and tells what it skips", "[loader][input_paths]") {
  const TemporaryFolder folder;
  fs::create_directories(folder.Path("sub/deep"));
  fs::create_directories(folder.Path(".hidden"));
  for (const char* name : {"z.csv", "a.csv", "B.csv", "sub/m.csv", "sub/deep/x.csv", ".hidden/h.csv", ".x.csv",
                           "a.csv.rejects.ndjson", "a.csv.rejects-2.ndjson", "my.rejects.ndjson.gz"}) {
    folder.Write(name, "");
  }
  REQUIRE(mkfifo(folder.Path("pipe").c_str(), 0600) == 0);
  fs::create_directory_symlink(folder.Path("sub"), folder.Path("loop"));
  fs::create_symlink(folder.Path("z.csv"), folder.Path("link.csv"));
  const auto found = FindInputs({folder.Path("")});
  REQUIRE(found.ok());
  CHECK(Names(folder, found->files) ==
        std::vector<std::string>{"B.csv", "a.csv", "link.csv", "my.rejects.ndjson.gz", "sub/deep/x.csv", "sub/m.csv", "z.csv"});
  CHECK(Names(folder, found->skipped) == std::vector<std::string>{".hidden: hidden", ".x.csv: hidden",
                                                                  "a.csv.rejects-2.ndjson: rejects of an earlier load",
                                                                  "a.csv.rejects.ndjson: rejects of an earlier load",
                                                                  "loop: no regular file", "pipe: no regular file"});
}

TEST_CASE("a pattern means the files that match it, by name", "[loader][input_paths]") {
  const TemporaryFolder folder;
  for (const char* name : {"part-2.zst", "part-10.zst", "part-1.zst", "other"}) folder.Write(name, "");
  const auto found = FindInputs({folder.Path("part-*.zst"), folder.Path("part-[2].zst")});
  REQUIRE(found.ok());
  CHECK(Names(folder, found->files) == std::vector<std::string>{"part-1.zst", "part-10.zst", "part-2.zst", "part-2.zst"});
}

TEST_CASE("what means no file is an error that says so", "[loader][input_paths]") {
  const TemporaryFolder folder;
  fs::create_directories(folder.Path("empty/sub"));
  folder.Write("empty/.x", "");
  CHECK(FindInputs({folder.Path("*.csv")}).status().message() == folder.Path("*.csv") + ": no file matches this pattern");
  CHECK(FindInputs({folder.Path("empty")}).status().message() == folder.Path("empty") + ": no files in this folder");
  CHECK(absl::IsNotFound(FindInputs({folder.Path("empty")}).status()));
}

}  // namespace
}  // namespace clientele
