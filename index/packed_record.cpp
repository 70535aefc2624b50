#include "index/packed_record.h"

#include <cassert>
#include <cstring>
#include <type_traits>

namespace clientele {
namespace {

// Writes values in the order in which it is shown them.
class Packer {
 public:
  explicit Packer(std::string& out) : out_(out) {}

  template <class T>
  void Value(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void Text(std::string_view text) {
    Value(static_cast<std::uint32_t>(text.size()));
    out_.append(text);
  }
  template <class T>
  std::size_t Count(const std::vector<T>& items) {
    return Count(items, items.size());
  }
  template <class T>
  std::size_t Count(const std::vector<T>&, std::size_t count) {
    Value(static_cast<std::uint32_t>(count));
    return count;
  }

 private:
  std::string& out_;
};

// Reads them in the same order.
class Unpacker {
 public:
  explicit Unpacker(std::string_view packed) : at_(packed.data()), end_(packed.data() + packed.size()) {}

  template <class T>
  void Value(T& value) {
    assert(static_cast<std::size_t>(end_ - at_) >= sizeof value);
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
  }
  void Text(std::string_view& text) {
    std::uint32_t size;
    Value(size);
    assert(static_cast<std::size_t>(end_ - at_) >= size);
    text = {at_, size};
    at_ += size;
  }
  template <class T>
  std::size_t Count(std::vector<T>& items) {
    std::uint32_t count;
    Value(count);
    items.resize(count);
    return count;
  }
  // Keeps what is there already, for the room in it.
  template <class T>
  std::size_t Count(std::vector<T>& items, std::size_t& count) {
    std::uint32_t packed_count;
    Value(packed_count);
    count = packed_count;
    if (items.size() < count) items.resize(count);
    return count;
  }
  bool AtEnd() const { return at_ == end_; }

 private:
  const char* at_;
  const char* end_;
};

// What counts of a scalar follows from its kind; the rest may be left over from another record, and its views point anywhere.
enum class ScalarPart : std::uint8_t { kNull, kInteger, kText, kNumber };

ScalarPart PartOf(const ScalarValue& scalar, FieldKind kind) {
  if (scalar.is_null) return ScalarPart::kNull;
  if (kind == FieldKind::kText) return ScalarPart::kText;
  return kind == FieldKind::kNumber ? ScalarPart::kNumber : ScalarPart::kInteger;
}

template <class Io, class Scalar>
void PassScalar(Io& io, ScalarPart part, Scalar& scalar) {
  if (part == ScalarPart::kInteger) io.Value(scalar.integer);
  if (part == ScalarPart::kNumber) io.Value(scalar.number);
  if (part == ScalarPart::kNumber || part == ScalarPart::kText) io.Text(scalar.text);
}

void Pass(Packer& io, const ScalarValue& scalar, FieldKind kind) {
  const ScalarPart part = PartOf(scalar, kind);
  io.Value(part);
  PassScalar(io, part, scalar);
}

void Pass(Unpacker& io, ScalarValue& scalar, FieldKind) {
  ScalarPart part;
  io.Value(part);
  scalar = {};
  scalar.is_null = part == ScalarPart::kNull;
  PassScalar(io, part, scalar);
}

// A text that may be absent or null, and then is left over from another record.
template <class Io, class Flag, class Text>
void PassOptional(Io& io, Flag& has, Flag& is_null, Text& text) {
  io.Value(has);
  io.Value(is_null);
  if (has && !is_null) io.Text(text);
}

// Values that are unpacked come from no piece of JSON; what is packed stays as it is.
void ForgetPiece(PieceNumber& piece) {
  piece = 0;
}
void ForgetPiece(const PieceNumber&) {}

template <class Io, class User>
void PassUser(Io& io, User& user) {
  io.Value(user.id);
  io.Text(user.email);
  PassOptional(io, user.has_name, user.name_is_null, user.name);
  io.Text(user.lang);
  PassOptional(io, user.has_phone, user.phone_is_null, user.phone);
  io.Text(user.company);
  io.Value(user.reseller_is_null);
  io.Value(user.reseller);
  io.Value(user.client_is_null);
  io.Value(user.client);
  io.Value(user.deleted);
  io.Value(user.activated);
  io.Value(user.sso_auth);
  io.Value(user.two_fa);
  const std::size_t groups = io.Count(user.groups);
  for (std::size_t i = 0; i < groups; ++i) {
    io.Value(user.groups[i].id);
    io.Text(user.groups[i].name);
  }
  const std::size_t auth_types = io.Count(user.auth_types);
  for (std::size_t i = 0; i < auth_types; ++i) io.Text(user.auth_types[i]);
  ForgetPiece(user.tail_piece);
}

template <class Io, class Features>
void PassFeatures(Io& io, Features& features) {
  const std::size_t count = io.Count(features);
  for (std::size_t i = 0; i < count; ++i) {
    io.Value(features[i].group);
    io.Value(features[i].feature_id);
    io.Text(features[i].name);
    io.Value(features[i].service);
    io.Value(features[i].create_date);
    io.Value(features[i].link_id);
    ForgetPiece(features[i].head_piece);
  }
}

template <class Io, class Values>
void PassValues(Io& io, Values& values) {
  const std::size_t count = io.Count(values);
  for (std::size_t i = 0; i < count; ++i) io.Value(values[i]);
}

// Shows every member of a record to a packer or an unpacker: the one place that knows them.
template <class Io, class Record>
void PassRecord(Io& io, Record& record) {
  for (const FieldDef& def : Fields()) Pass(io, record[def.field], def.kind);
  const std::size_t users = io.Count(record.users, record.user_count);
  for (std::size_t i = 0; i < users; ++i) PassUser(io, record.users[i]);
  PassValues(io, record.capabilities);
  PassValues(io, record.service_states);
  PassFeatures(io, record.paid_features);
  PassFeatures(io, record.free_features);
  PassValues(io, record.service_flags);
  const std::size_t hostnames = io.Count(record.hostnames);
  for (std::size_t i = 0; i < hostnames; ++i) io.Text(record.hostnames[i]);
  for (auto& raw : record.verbatim) io.Text(raw);
  io.Text(record.unknown_members);
}

}  // namespace

void PackRecord(const ClientRecord& record, std::string& out) {
  Packer packer(out);
  PassRecord(packer, record);
}

void UnpackRecord(std::string_view packed, ClientRecord& record) {
  Unpacker unpacker(packed);
  PassRecord(unpacker, record);
  assert(unpacker.AtEnd());
}

}  // namespace clientele
