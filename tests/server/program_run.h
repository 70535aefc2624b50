// Runs the built program in a folder of a test's own and keeps what it said.
#pragma once

#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>
#include <sys/wait.h>

#include "tests/loader/temporary_files.h"

namespace clientele {

struct Outcome {
  int exit_status;
  std::string out, err;
};

// `arguments` as typed in a shell.
inline Outcome RunProgram(const TemporaryFolder& folder, const std::string& arguments) {
  const std::string command = "cd '" + folder.Path("") + "' && '" CLIENTELE_PROGRAM "' > .out 2> .err " + arguments;
  const int status = std::system(command.c_str());
  REQUIRE(WIFEXITED(status));
  return {WEXITSTATUS(status), ReadWholeFile(folder.Path(".out")), ReadWholeFile(folder.Path(".err"))};
}

}  // namespace clientele
