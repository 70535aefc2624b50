// JSON merge patches (RFC 7396) on raw JSON: what a patch leaves alone keeps its bytes, so that 1.50 stays 1.50 and members that
// nobody knows stay as they were spelt.
//
// Members keep their order and new ones follow in the patch's; between members stands a comma without white space. Of a name
// that the target holds twice, which only members unknown to the schema may be, a patch of it leaves one.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace clientele {

// Keeps its memory from call to call. One per thread. Not thread-safe.
class MergePatcher {
 public:
  // Deepest nesting of objects in a patch.
  static constexpr std::size_t kDepthMax = 64;

  MergePatcher();
  ~MergePatcher();

  // MergePatch(target, patch) of the RFC, for JSON values of any kind. InvalidArgument says what is wrong with the patch: no
  // JSON, an object that names a member twice, or one nested too deeply; Internal: the target is no JSON. O(bytes), and for each
  // member of a patched object a binary search among those of the patch.
  absl::StatusOr<std::string> Apply(std::string_view target, std::string_view patch);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace clientele
