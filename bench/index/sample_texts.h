// Texts as a back office has them, for the text benchmarks: made-up names of syllables, frequent words and domains (Zipf).
// The same seed gives the same texts.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace clientele {

// Many texts in one piece of memory.
class TextPool {
 public:
  void Add(std::string_view text) {
    bytes_.append(text);
    ends_.push_back(bytes_.size());
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size()); }
  std::uint64_t bytes() const { return bytes_.size(); }
  std::string_view operator[](std::uint32_t i) const {
    const std::uint64_t begin = i == 0 ? 0 : ends_[i - 1];
    return {bytes_.data() + begin, ends_[i] - begin};
  }

 private:
  std::string bytes_;
  std::vector<std::uint64_t> ends_;
};

class SampleTexts {
 public:
  explicit SampleTexts(std::uint64_t seed) : random_(seed) {
    for (std::size_t i = 0; i < 2'000; ++i) first_names_.push_back(Word(2, 3));
    for (std::size_t i = 0; i < 40'000; ++i) last_names_.push_back(Word(2, 4));
    for (std::size_t i = 0; i < 50'000; ++i)
      domains_.push_back(Word(2, 4) + Pick({".com", ".com", ".net", ".org", ".de", ".co.uk", ".io"}));
    for (std::size_t i = 0; i < 30'000; ++i) words_.push_back(Word(2, 4));
  }

  // About 25 bytes, mostly distinct.
  std::string Email() {
    const std::string& first = Zipf(first_names_);
    const std::string& last = Zipf(last_names_);
    std::string email;
    switch (random_() % 4) {
      case 0: email = first + "." + last; break;
      case 1: email = first.substr(0, 1) + last + std::to_string(random_() % 100); break;
      case 2: email = first + "_" + last + std::to_string(random_() % 10'000); break;
      default: email = last + std::to_string(1950 + random_() % 60); break;
    }
    return email + "@" + Zipf(domains_);
  }

  bool Chance(std::uint64_t percent) { return random_() % 100 < percent; }

  std::string Name() { return Zipf(first_names_) + " " + Zipf(last_names_); }

  // About 20 bytes, heavily repeated.
  std::string Company() {
    std::string company = Zipf(words_);
    if (random_() % 3 != 0) company += " " + Zipf(words_);
    return company + Pick({"", " ltd", " inc", " gmbh", " group", " systems", " media", " hosting"});
  }

 private:
  std::string Pick(std::vector<std::string> choices) { return choices[random_() % choices.size()]; }

  std::string Word(std::size_t syllables_min, std::size_t syllables_max) {
    static constexpr std::string_view kOnsets[] = {"b", "c", "d", "f", "g", "h", "j", "k",  "l",  "m",
                                                   "n", "p", "r", "s", "t", "v", "w", "st", "tr", "ch"};
    static constexpr std::string_view kRimes[] = {"a", "e", "i", "o", "u", "an", "er", "in", "on", "ar", "el", "is", "ey", "ing"};
    std::string word;
    for (std::size_t n = syllables_min + random_() % (syllables_max - syllables_min + 1); n > 0; --n) {
      word += kOnsets[random_() % std::size(kOnsets)];
      word += kRimes[random_() % std::size(kRimes)];
    }
    return word;
  }

  // Rank r with a probability of about 1 / (r + 20): log-uniform.
  const std::string& Zipf(const std::vector<std::string>& from) {
    const double u = static_cast<double>(random_() >> 11) * 0x1p-53;
    const double rank = 20 * (std::pow((static_cast<double>(from.size()) + 20) / 20, u) - 1);
    return from[std::min(from.size() - 1, static_cast<std::size_t>(rank))];
  }

  std::mt19937_64 random_;
  std::vector<std::string> first_names_, last_names_, domains_, words_;
};

}  // namespace clientele
