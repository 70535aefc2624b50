#include "loader/json_pointer.h"

#include <cstdint>
#include <vector>

#include "loader/json_text.h"

namespace clientele {
namespace {

constexpr std::size_t kDepthMax = 64;  // Deeper levels are not named: a pointer of a thousand parts helps nobody.
constexpr std::size_t kPointerBytesMax = 200;
constexpr std::size_t kPartBytesMax = 120;

// One object or array that is open at the place in question.
struct Frame {
  bool is_object;
  bool at_value = true;       // Object: behind the colon of `key`.
  std::uint64_t index = 0;    // Array.
  std::string_view key = {};  // Object: between its quotes.
};

// The end of the string whose opening quote is at `quote`: its closing quote, or json.size().
std::size_t ClosingQuote(std::string_view json, std::size_t quote) {
  std::size_t i = quote + 1;
  while (i < json.size() && json[i] != '"') i += json[i] == '\\' ? 2 : 1;
  return i < json.size() ? i : json.size();
}

std::string Unescaped(std::string_view key) {
  std::string text(key.size(), '\0');
  const char* const end = UnescapeJson(key, text.data());
  if (end == nullptr) return std::string(key);
  text.resize(static_cast<std::size_t>(end - text.data()));
  return text;
}

void AppendPart(const Frame& frame, std::string& pointer) {
  pointer += '/';
  if (!frame.is_object) {
    pointer += std::to_string(frame.index);
    return;
  }
  for (const char c : Excerpt(Unescaped(frame.key.substr(0, 2 * kPartBytesMax)), kPartBytesMax)) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

// Follows the text up to a byte and knows which containers are open there.
class Path {
 public:
  void Open(bool is_object) {
    if (++depth_ <= kDepthMax) frames_.push_back({.is_object = is_object, .at_value = !is_object});
  }
  void Close() {
    if (depth_ == 0) return;
    if (depth_-- <= kDepthMax) frames_.pop_back();
  }
  void Comma() {
    if (Frame* const top = Top()) {
      ++top->index;
      top->at_value = !top->is_object;
    }
  }
  void Key(std::string_view key) {
    if (Frame* const top = Top(); top != nullptr && top->is_object && !top->at_value) top->key = key;
  }
  void Colon() {
    if (Frame* const top = Top()) top->at_value = true;
  }
  std::string Pointer() const {
    std::string pointer;
    for (const Frame& frame : frames_) {
      if (!frame.at_value) break;  // Between two members: the object itself.
      AppendPart(frame, pointer);
      if (pointer.size() > kPointerBytesMax) return pointer + "...";
    }
    return pointer;
  }

 private:
  Frame* Top() { return depth_ == 0 || depth_ > kDepthMax ? nullptr : &frames_.back(); }

  std::vector<Frame> frames_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string JsonPointerAt(std::string_view json, std::size_t offset) {
  Path path;
  for (std::size_t i = 0; i < json.size() && i < offset; ++i) {
    switch (json[i]) {
      case '{': path.Open(true); break;
      case '[': path.Open(false); break;
      case '}':
      case ']': path.Close(); break;
      case ',': path.Comma(); break;
      case ':': path.Colon(); break;
      case '"': {
        const std::size_t end = ClosingQuote(json, i);
        path.Key(json.substr(i + 1, end - i - 1));
        i = end;
        break;
      }
      default: break;
    }
  }
  return path.Pointer();
}

std::string Excerpt(std::string_view text, std::size_t bytes_max) {
  std::string excerpt;
  while (!text.empty()) {
    const std::size_t length = Utf8SequenceLength(text);
    const auto c = static_cast<unsigned char>(text.front());
    const std::string_view shown =
        length == 0 || c < 0x20 || c == 0x7F ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    if (excerpt.size() + shown.size() > bytes_max) return excerpt + "...";
    excerpt += shown;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return excerpt;
}

}  // namespace clientele
