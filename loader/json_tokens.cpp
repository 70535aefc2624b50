#include "loader/json_tokens.h"

#include <algorithm>

#include <simdjson.h>

namespace clientele {
namespace {

constexpr std::size_t kUsualBytes = std::size_t{64} << 10;
constexpr std::size_t kKeepBytes = std::size_t{1} << 20;  // The index takes four times as much: not kept after a freak record.

JsonTokenError FromSimdjson(simdjson::error_code error) {
  switch (error) {
    case simdjson::SUCCESS: return JsonTokenError::kNone;
    case simdjson::EMPTY: return JsonTokenError::kEmpty;
    case simdjson::UTF8_ERROR: return JsonTokenError::kBadUtf8;
    case simdjson::UNESCAPED_CHARS: return JsonTokenError::kControlCharacter;
    case simdjson::UNCLOSED_STRING: return JsonTokenError::kUnclosedString;
    default: return JsonTokenError::kTooLarge;  // CAPACITY, MEMALLOC.
  }
}

}  // namespace

struct JsonTokenizer::Stage {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> simd;

  // Makes room for texts of `bytes`. False when there is no memory or the text is beyond simdjson's 4 GB.
  bool Reserve(std::size_t bytes) {
    const bool fits = simd != nullptr && bytes <= simd->capacity() && (simd->capacity() <= kKeepBytes || bytes > kKeepBytes);
    if (fits) return true;
    simd.reset();
    const std::size_t capacity = std::max(bytes, kUsualBytes);
    // A depth of one: only the second stage, which we do not run, keeps a stack.
    const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, simd);
    if (error) simd.reset();
    return simd != nullptr;
  }
};

JsonTokenizer::JsonTokenizer() : stage_(std::make_unique<Stage>()) {}
JsonTokenizer::~JsonTokenizer() = default;

JsonTokenError JsonTokenizer::Tokenize(std::string_view json) {
  offsets_ = nullptr;
  count_ = 0;
  if (json.empty()) return JsonTokenError::kEmpty;
  if (!stage_->Reserve(json.size())) return JsonTokenError::kTooLarge;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(json.data());
  const auto error = stage_->simd->stage1(bytes, json.size(), simdjson::stage1_mode::regular);
  if (error) return FromSimdjson(error);
  offsets_ = stage_->simd->structural_indexes.get();
  count_ = stage_->simd->n_structural_indexes;
  return JsonTokenError::kNone;
}

}  // namespace clientele
