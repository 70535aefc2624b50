#include "server/command_keys.h"

#include <cstdio>
#include <memory>
#include <string>

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/absl_view.h"
#include "server/api_keys.h"
#include "server/exit_status.h"
#include "server/terminal.h"

namespace clientele {
namespace {

constexpr const char* kHelp =
    "Makes and lists the keys that callers of 'clientele serve --keys FILE' must show. The file holds\n"
    "one key a line, name:role:hash; the key itself is printed once, when it is made, and stored nowhere.\n"
    "To withdraw a key, delete its line; the server reads the file when it starts.\n"
    "\n"
    "Examples:\n"
    "  clientele keys add --file keys.txt --name shop\n"
    "  clientele keys add --file keys.txt --name watch --role monitor\n"
    "  clientele keys list --file keys.txt\n"
    "\n"
    "Roles: reader lists clients; writer lists and writes them; admin may do everything; monitor may do neither.\n";

struct KeysFlags {
  std::string file, name, role = "reader";
};

// Appends to the file under a lock, so that two commands at once leave two whole lines and no name twice.
absl::Status AppendKey(const std::string& path, const ApiKey& key) {
  const int descriptor = open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return absl::PermissionDeniedError(absl::StrCat("keys file ", path, ": cannot be written"));
  const std::unique_ptr<const int, void (*)(const int*)> closer(&descriptor, [](const int* fd) { close(*fd); });
  if (flock(descriptor, LOCK_EX) != 0) return absl::UnavailableError(absl::StrCat("keys file ", path, ": cannot be locked"));
  const absl::StatusOr<ApiKeys> present = ApiKeys::Load(path);
  if (!present.ok()) return present.status();
  for (const ApiKey& other : present->keys()) {
    if (other.name == key.name)
      return absl::AlreadyExistsError(absl::StrCat("keys file ", path, ": there is a key '", key.name, "' already"));
  }
  // A file edited by hand may lack its last newline.
  struct stat info {};
  char last = '\n';
  if (fstat(descriptor, &info) == 0 && info.st_size > 0 && pread(descriptor, &last, 1, info.st_size - 1) != 1) last = '\0';
  const std::string line = absl::StrCat(last == '\n' ? "" : "\n", KeyLine(key));
  const bool written = write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fsync(descriptor) == 0;
  return written ? absl::OkStatus() : absl::DataLossError(absl::StrCat("keys file ", path, ": could not be written in full"));
}

absl::Status AddKey(const KeysFlags& flags) {
  if (!IsKeyName(flags.name)) return absl::InvalidArgumentError("--name: expected 1 to 64 letters, digits, '-', '_', '.' or '@'");
  const std::optional<Role> role = FindRole(flags.role);
  if (!role)
    return absl::InvalidArgumentError(absl::StrCat("--role: expected monitor, reader, writer or admin, got '", flags.role, "'"));
  const absl::StatusOr<std::string> token = NewToken();
  if (!token.ok()) return token.status();
  if (absl::Status status = AppendKey(flags.file, {.name = flags.name, .role = *role, .hash = HashToken(*token)}); !status.ok())
    return status;
  std::printf("%s\n", token->c_str());
  std::fprintf(stderr, "clientele: this key is shown only now; callers send it as 'Authorization: apikey <key>'\n");
  return absl::OkStatus();
}

absl::Status ListKeys(const KeysFlags& flags) {
  const absl::StatusOr<ApiKeys> keys = ApiKeys::Load(flags.file);
  if (!keys.ok()) return keys.status();
  for (const ApiKey& key : keys->keys()) std::printf("%-8s %s\n", std::string(RoleName(key.role)).c_str(), key.name.c_str());
  return absl::OkStatus();
}

int ExitStatusOf(const absl::Status& status) {
  if (status.ok()) return kExitDone;
  PrintError(StdView(status.message()));
  return kExitFailed;
}

}  // namespace

void AddKeysCommand(CLI::App& app, int& exit_status) {
  CLI::App* const command = app.add_subcommand("keys", "Make and list the keys of callers");
  command->footer(kHelp);
  command->require_subcommand(1);
  const auto flags = std::make_shared<KeysFlags>();

  CLI::App* const add = command->add_subcommand("add", "Make a key and print it");
  add->add_option("--file", flags->file, "Keys file; made when it is missing")->required()->type_name("FILE");
  add->add_option("--name", flags->name, "Whose key it is")->required()->type_name("NAME");
  add->add_option("--role", flags->role, "What it may do: reader, writer, admin or monitor")
      ->type_name("ROLE")
      ->capture_default_str();
  add->callback([flags, &exit_status] { exit_status = ExitStatusOf(AddKey(*flags)); });

  CLI::App* const list = command->add_subcommand("list", "List names and roles");
  list->add_option("--file", flags->file, "Keys file")->required()->type_name("FILE");
  list->callback([flags, &exit_status] { exit_status = ExitStatusOf(ListKeys(*flags)); });
}

}  // namespace clientele
