#include "index/shared_dictionaries.h"

#include <algorithm>
#include <vector>

namespace clientele {
namespace {

std::vector<const Interner*> All(const RecordDictionaries& dictionaries) {
  std::vector<const Interner*> all;
  dictionaries.ForEach([&](std::string_view, const Interner& one) { all.push_back(&one); });
  return all;
}

// Whether the codes that both have mean the same.
bool Agree(const Interner& a, const Interner& b) {
  const std::uint32_t common = std::min(a.size(), b.size());
  for (std::uint32_t code = 0; code < common; ++code) {
    if (a.Text(code) != b.Text(code)) return false;
  }
  return true;
}

// Adds the texts that `to` lacks at its end; false when one of them gets another code.
bool AddMissing(const Interner& from, Interner& to) {
  const std::uint32_t size = from.size();
  for (std::uint32_t code = to.size(); code < size; ++code) {
    if (to.Intern(from.Text(code)) != code) return false;
  }
  return true;
}

}  // namespace

bool IsPrefix(const RecordDictionaries& smaller, const RecordDictionaries& larger) {
  if (&smaller == &larger) return true;
  const auto a = All(smaller), b = All(larger);
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i]->size() > b[i]->size() || !Agree(*a[i], *b[i])) return false;
  }
  return true;
}

std::shared_ptr<RecordDictionaries> Thaw(const RecordDictionaries& frozen) {
  auto thawed = std::make_shared<RecordDictionaries>(frozen.prefixes.capacity());
  TakeUp(frozen, *thawed);
  return thawed;
}

bool TakeUp(const RecordDictionaries& other, RecordDictionaries& shared) {
  if (&other == &shared) return true;
  const auto from = All(other);
  std::vector<Interner*> to;
  shared.ForEach([&](std::string_view, Interner& one) { to.push_back(&one); });
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!Agree(*from[i], *to[i]) || from[i]->size() > to[i]->capacity()) return false;
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!AddMissing(*from[i], *to[i])) return false;
  }
  return true;
}

}  // namespace clientele
