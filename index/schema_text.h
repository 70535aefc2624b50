// The schema table as text, one line a field: what an index or an encoded record means depends on it, so files that hold either
// carry it and are only read by a program whose schema is the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace clientele {

// "field status: word, required, default 0, words new|trial|..., values, filters status:any_of, order status" and so on.
const std::string& SchemaText();
std::uint64_t SchemaFingerprint();

// Where another program's schema text first differs from ours, for people: "field 'status' is 'word ...' there, ...". Empty when
// they are the same.
std::string SchemaDifference(std::string_view other);

}  // namespace clientele
