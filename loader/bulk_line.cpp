#include "loader/bulk_line.h"

#include <bit>
#include <optional>
#include <utility>

#include <emmintrin.h>

#include "loader/json_cursor.h"
#include "loader/json_tokens.h"
#include "loader/record_error.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

constexpr std::string_view kExpectedId = "a client's id (a 64-bit integer)";

std::optional<WriteKind> CommandOf(std::string_view key) {
  if (key == "_patch") return WriteKind::kPatch;
  if (key == "_delete") return WriteKind::kDelete;
  if (key == "_purge") return WriteKind::kPurge;
  return std::nullopt;
}

// Where the next text that begins with an underscore stands, from `at` on. Quotes are too frequent in records for find(), which
// stops at each: a microsecond a record.
std::size_t FindQuotedUnderscore(std::string_view line, std::size_t at) {
  constexpr std::size_t kStep = sizeof(__m128i);
  const __m128i quote = _mm_set1_epi8('"'), underscore = _mm_set1_epi8('_');
  for (; at + kStep < line.size(); at += kStep) {
    const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(line.data() + at));
    const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(line.data() + at + 1));
    const int found = _mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(here, quote), _mm_cmpeq_epi8(next, underscore)));
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(found)));
  }
  return line.find("\"_", at);
}

// Few lines get further than this: names that begin with an underscore are rare in records.
bool MayBeCommand(std::string_view line) {
  for (std::size_t at = FindQuotedUnderscore(line, 0); at != std::string_view::npos; at = FindQuotedUnderscore(line, at + 2)) {
    const std::size_t end = line.find('"', at + 2);
    if (end == std::string_view::npos) return false;
    if (CommandOf(line.substr(at + 1, end - at - 1))) return true;
  }
  return false;
}

// What the top level of a command line says.
struct Command {
  std::optional<WriteKind> kind;
  std::optional<std::int64_t> id;
  std::string_view patch;
};

}  // namespace

struct BulkLineReader::State {
  std::string text;  // Of the line, and padding.
  JsonTokenizer tokenizer;
  TextArena arena;
  JsonCursor cursor;

  bool Start(std::string_view line) {
    text.assign(line).append(RecordParser::kPadding, '\0');
    const std::string_view view = std::string_view(text).substr(0, line.size());
    arena.Reset();
    if (tokenizer.Tokenize(view) != JsonTokenError::kNone) return false;
    cursor.Start(view, tokenizer.offsets(), tokenizer.count(), arena);
    return true;
  }

  // Whether the line is an object that has one of the commands among its own members.
  bool HasCommand() {
    std::string_view key;
    if (!cursor.EnterObject()) return false;
    while (cursor.NextMember(key)) {
      if (CommandOf(key)) return true;
      if (!cursor.SkipValue()) return false;
    }
    return false;
  }

  bool ReadId(Command& command, std::string_view expected) {
    if (command.id) return cursor.FailHere("one id");
    std::int64_t id = 0;
    if (!cursor.ReadInteger(id, expected)) return false;
    command.id = id;
    return true;
  }

  bool ReadMember(std::string_view key, Command& command) {
    if (const std::optional<WriteKind> kind = CommandOf(key)) {
      if (command.kind) return cursor.FailHere("one of _patch, _delete and _purge");
      command.kind = kind;
      if (kind != WriteKind::kPatch) return ReadId(command, kExpectedId);
      const std::size_t begin = cursor.offset();
      if (cursor.Peek() != '{') return cursor.FailHere("a merge patch (an object)");
      if (!cursor.SkipValue()) return false;
      command.patch = cursor.RawFrom(begin);
      return true;
    }
    if (key == "id") return ReadId(command, kExpectedId);
    return cursor.FailHere("nothing but _patch with id, or _delete, or _purge");
  }

  bool ReadCommand(Command& command) {
    const std::size_t begin = cursor.offset();
    std::size_t members = 0;
    std::string_view key;
    if (!cursor.EnterObject()) return false;
    while (cursor.NextMember(key)) {
      if (!ReadMember(key, command)) return false;
      ++members;
    }
    if (cursor.failed()) return false;
    if (!cursor.AtEnd()) return cursor.FailHere("nothing behind the object");
    if (command.kind == WriteKind::kPatch && !command.id) return cursor.FailMissing(begin, "id", kExpectedId);
    return members == (command.kind == WriteKind::kPatch ? 2 : 1) ||
           cursor.FailAt(begin, cursor.RawFrom(begin), "nothing but _patch with id, or _delete, or _purge");
  }
};

BulkLineReader::BulkLineReader() : state_(std::make_unique<State>()) {}
BulkLineReader::~BulkLineReader() = default;

bool BulkLineReader::Read(std::string_view line, Write& write, RecordProblem& problem) {
  write.kind = WriteKind::kPut;
  write.id.reset();
  // What is no JSON goes on as a record, which it is refused as.
  if (!MayBeCommand(line) || !state_->Start(line) || !state_->HasCommand()) {
    write.json = line;
    return true;
  }
  state_->Start(line);
  Command command;
  if (!state_->ReadCommand(command)) {
    RecordError error = DescribeMistake(state_->cursor.json(), state_->cursor.mistake());
    problem = {.pointer = std::move(error.pointer), .value = std::move(error.value), .expected = std::move(error.expected)};
    return false;
  }
  write.kind = *command.kind;
  write.id = command.id;
  write.json = command.patch;
  return true;
}

}  // namespace clientele
