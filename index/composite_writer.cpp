#include "index/composite_writer.h"

#include <array>
#include <string_view>

#include "index/decimal_text.h"
#include "index/record_format.h"

namespace clientele {
namespace {

// A ready piece of JSON, copied by fixed-size moves.
template <std::size_t kCapacity>
struct Piece {
  char text[kCapacity] = {};
  std::uint8_t size = 0;

  void Append(std::string_view more) {
    std::memcpy(text + size, more.data(), more.size());
    size = static_cast<std::uint8_t>(size + more.size());
  }
  char* Copy(char* out) const {
    std::memcpy(out, text, kCapacity);
    return out + size;
  }
};

// All that a byte of a services payload can stand for, each as `,"CDN":...`.
template <std::size_t kCapacity, std::size_t kCount>
using PieceTable = std::array<Piece<kCapacity>, kCount>;

const auto& ServiceStatePieces() {
  static const auto pieces = [] {
    PieceTable<80, 128> table;
    for (std::size_t code = 0; code < table.size(); ++code) {
      if ((code >> 3 & 7) >= kServiceStateCount) continue;
      table[code].Append(",\"");
      table[code].Append(kServiceNames[code & 7]);
      table[code].Append("\":{\"status\":\"");
      table[code].Append(kServiceStateWords[code >> 3 & 7]);
      table[code].Append((code >> 6) != 0 ? "\",\"enabled\":true}" : "\",\"enabled\":false}");
    }
    return table;
  }();
  return pieces;
}

const auto& ServiceFlagPieces() {
  static const auto pieces = [] {
    PieceTable<48, 16> table;
    for (std::size_t code = 0; code < table.size(); ++code) {
      table[code].Append(",\"");
      table[code].Append(kServiceNames[code & 7]);
      table[code].Append((code >> 3) != 0 ? "\":true" : "\":false");
    }
    return table;
  }();
  return pieces;
}

// `,"CDN"`
const auto& ServiceNamePieces() {
  static const auto pieces = [] {
    PieceTable<32, kServiceCount> table;
    for (std::size_t service = 0; service < kServiceCount; ++service) {
      table[service].Append(",\"");
      table[service].Append(kServiceNames[service]);
      table[service].Append("\"");
    }
    return table;
  }();
  return pieces;
}

// Pieces begin with a comma; in front of the first stands a bracket instead.
char* PutFirst(char bracket, char* piece_begin, char* piece_end) {
  *piece_begin = bracket;
  return piece_end;
}

std::int64_t ReadZigZag(const std::uint8_t*& at, const std::uint8_t* end) {
  return UnZigZag(ReadVarint(at, end));
}

std::uint32_t TwoBits(std::uint32_t flags, int shift) {
  return flags >> shift & 3;
}

char* WriteBoolean(bool value, char* out) {
  return value ? Put(out, "true") : Put(out, "false");
}

}  // namespace

char* CompositeWriter::WriteUsers(const OwnFields& own, const std::uint8_t* at, const std::uint8_t* end, char* out) {
  std::uint64_t id = static_cast<std::uint64_t>(own.id);
  char separator = '[';
  do {
    out = sink_.Room(out);
    const std::uint32_t flags = at[0] | std::uint32_t{at[1]} << 8;
    at += 2;
    id += static_cast<std::uint64_t>(ReadZigZag(at, record_end_));
    *out++ = separator;
    separator = ',';
    out = WriteUser(own, static_cast<std::int64_t>(id), flags, at, out);
  } while (at < end);
  *out++ = ']';
  return out;
}

char* CompositeWriter::WriteUser(const OwnFields& own, std::int64_t id, std::uint32_t flags, const std::uint8_t*& at, char* out) {
  // A text that is the same is read where the client's own stands.
  const auto write_text = [&](const std::uint8_t* same_as, bool is_same, Field field, char* to) {
    if (is_same) return texts_.Write(same_as, dictionaries_.texts(field), to);
    return texts_.Write(at, dictionaries_.texts(field), to);
  };
  const auto write_number = [&](std::uint32_t state, std::int64_t own_value, char* to) {
    if (state == UserFlags::kNull) return Put(to, "null");
    return WriteDecimal(state == UserFlags::kSame ? own_value : ReadZigZag(at, record_end_), to);
  };

  out = Put(out, "{\"id\":");
  out = WriteDecimal(id, out);
  out = Put(out, ",\"email\":\"");
  out = write_text(own.email, flags >> UserFlags::kEmailSame & 1, Field::kEmail, out);
  const std::uint32_t name = TwoBits(flags, UserFlags::kName);
  if (name >= UserFlags::kSame) {
    out = Put(out, "\",\"name\":\"");
    out = write_text(own.name, name == UserFlags::kSame, Field::kName, out);
    out = Put(out, "\",\"lang\":\"");
  } else {
    out = name == UserFlags::kNull ? Put(out, "\",\"name\":null,\"lang\":\"") : Put(out, "\",\"lang\":\"");
  }
  out = texts_.Write(at, dictionaries_.languages, out);
  const std::uint32_t phone = TwoBits(flags, UserFlags::kPhone);
  if (phone >= UserFlags::kSame) {
    out = Put(out, "\",\"phone\":\"");
    out = write_text(own.phone, phone == UserFlags::kSame, Field::kPhone, out);
    out = Put(out, "\",\"company\":\"");
  } else {
    out = phone == UserFlags::kNull ? Put(out, "\",\"phone\":null,\"company\":\"") : Put(out, "\",\"company\":\"");
  }
  out = write_text(own.company, flags >> UserFlags::kCompanySame & 1, Field::kCompanyName, out);
  out = Put(out, "\",\"reseller\":");
  out = write_number(TwoBits(flags, UserFlags::kReseller), own.reseller, out);
  out = Put(out, ",\"client\":");
  out = write_number(TwoBits(flags, UserFlags::kClient), own.id, out);
  return WriteTail(flags >> UserFlags::kTail, at, out);
}

char* CompositeWriter::WriteTail(std::uint32_t tail, const std::uint8_t*& at, char* out) {
  if (tail != kTailFollows) {
    const std::uint32_t code = tail < kTailCodeFollows ? tail : static_cast<std::uint32_t>(ReadVarint(at, record_end_));
    return texts_.PutStored(dictionaries_.user_tails.Text(code), out);
  }
  const std::uint8_t flags = *at++;
  out = Put(out, ",\"deleted\":");
  out = WriteBoolean(flags & kUserDeleted, out);
  out = Put(out, ",\"groups\":");
  out = texts_.Write(at, dictionaries_.group_lists, out);
  out = Put(out, ",\"activated\":");
  out = WriteBoolean(flags & kUserActivated, out);
  out = Put(out, ",\"sso_auth\":");
  out = WriteBoolean(flags & kUserSsoAuth, out);
  out = Put(out, ",\"two_fa\":");
  out = WriteBoolean(flags & kUserTwoFa, out);
  out = Put(out, ",\"auth_types\":");
  out = texts_.Write(at, dictionaries_.auth_lists, out);
  *out++ = '}';
  return out;
}

char* CompositeWriter::WriteFeatures(bool paid, const std::uint8_t* at, const std::uint8_t* end, char* out) {
  constexpr std::size_t kNoService = kServiceCount;
  std::size_t open_service = kNoService;
  std::array<char, kDecimalRoom> date;
  std::size_t date_size = 0;
  const auto read_date = [&](FeatureDates dates) {
    const std::uint64_t word = LoadWord(at, record_end_);
    at += dates == kOwnMicroseconds ? 8 : 4;
    char* const date_end = dates == kOwnMicroseconds ? WriteRfc3339(static_cast<std::int64_t>(word), date.data())
                                                     : WriteRfc3339(static_cast<std::uint32_t>(word), 0, date.data());
    date_size = static_cast<std::size_t>(date_end - date.data());
  };
  do {
    const std::uint8_t run = *at++;
    const std::size_t service = run & 7;
    const FeatureDates dates = static_cast<FeatureDates>(run >> 3 & 3);
    if (dates == kSharedDate) read_date(dates);
    char separator = ',';
    if (service != open_service) {
      out = sink_.Room(out);
      if (open_service != kNoService) *out++ = ']';
      char* const begin = out;
      out = ServiceNamePieces()[service].Copy(out);
      if (open_service == kNoService) *begin = '{';
      *out++ = ':';
      separator = '[';
      open_service = service;
    }
    for (int left = run >> 5; left >= 0; --left) {
      out = sink_.Room(out);
      *out++ = separator;
      separator = ',';
      out = WriteFeatureStart(at, out);
      if (dates == kOwnDates || dates == kOwnMicroseconds) read_date(dates);
      out = Copy32(out, date.data(), date_size);
      out = paid ? Put(out, "\",\"paid_feature_id\":") : Put(out, "\",\"free_feature_id\":");
      out = WriteDecimal(ReadZigZag(at, record_end_), out);
      *out++ = '}';
    }
  } while (at < end);
  return Put(out, "]}");
}

char* CompositeWriter::WriteFeatureStart(const std::uint8_t*& at, char* out) {
  std::uint32_t code = *at++;
  if (code == kFeatureFollows) [[unlikely]] {
    out = Put(out, "{\"feature_id\":");
    out = WriteDecimal(ReadZigZag(at, record_end_), out);
    out = Put(out, ",\"name\":\"");
    const std::uint8_t service = *at++;
    out = texts_.Write(at, dictionaries_.features, out);  // Never a code.
    out = Put(out, "\",\"service\"");
    char* const begin = out;
    out = PutFirst(':', begin, ServiceNamePieces()[service & 7].Copy(begin));
    return Put(out, ",\"create_date\":\"");
  }
  if (code >= kFeatureCode2) code = kFeatureCode2 + ((code - kFeatureCode2) << 8 | *at++);
  return texts_.PutStored(dictionaries_.features.Text(code), out);
}

char* CompositeWriter::WriteTexts(const Interner& texts, const std::uint8_t* at, const std::uint8_t* end, char* out) {
  char separator = '[';
  do {
    out = sink_.Room(out);
    *out++ = separator;
    separator = ',';
    *out++ = '"';
    out = texts_.Write(at, texts, out);
    *out++ = '"';
  } while (at < end);
  *out++ = ']';
  return out;
}

char* CompositeWriter::WriteServiceSet(const std::uint8_t* at, const std::uint8_t* end, char* out) {
  char separator = '[';
  const auto write = [&](std::size_t service) {
    out = sink_.Room(out);
    char* const begin = out;
    out = PutFirst(separator, begin, ServiceNamePieces()[service].Copy(begin));
    separator = ',';
  };
  if (end - at == 1) {
    for (std::uint32_t set = *at; set != 0; set &= set - 1) write(static_cast<std::size_t>(std::countr_zero(set)));
  } else {
    for (; at < end; ++at) write(*at & 7);
  }
  *out++ = ']';
  return out;
}

char* CompositeWriter::WriteServiceStates(const std::uint8_t* at, const std::uint8_t* end, char* out) {
  const auto& pieces = ServiceStatePieces();
  char separator = '{';
  do {
    out = sink_.Room(out);
    char* const begin = out;
    out = PutFirst(separator, begin, pieces[*at++ & 127].Copy(begin));
    separator = ',';
  } while (at < end);
  *out++ = '}';
  return out;
}

char* CompositeWriter::WriteServiceFlags(const std::uint8_t* at, const std::uint8_t* end, char* out) {
  const auto& pieces = ServiceFlagPieces();
  char separator = '{';
  do {
    out = sink_.Room(out);
    char* const begin = out;
    out = PutFirst(separator, begin, pieces[*at++ & 15].Copy(begin));
    separator = ',';
  } while (at < end);
  *out++ = '}';
  return out;
}

}  // namespace clientele
