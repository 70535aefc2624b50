#include "server/entity_tag.h"

#include <catch2/catch.hpp>

namespace clientele {
namespace {

TEST_CASE("an entity-tag is the version in 16 digits, and is read back", "[server][etag]") {
  CHECK(EntityTag(0xAB) == "\"00000000000000ab\"");
  for (const RecordVersion version : {RecordVersion{1}, RecordVersion{0xFEDCBA9876543210}, ~RecordVersion{0}}) {
    CHECK(ParseEntityTags(EntityTag(version)) == EntityTags{.any = false, .strong = {version}, .weak = {}});
  }
}

TEST_CASE("lists of entity-tags are read, strange tags are left out", "[server][etag]") {
  CHECK(ParseEntityTags("*") == EntityTags{.any = true, .strong = {}, .weak = {}});
  CHECK(ParseEntityTags(R"( "0000000000000001" ,, W/"0000000000000002","x,y", "")") ==
        EntityTags{.any = false, .strong = {1}, .weak = {2}});
  CHECK(ParseEntityTags(R"("00000000000000AB")") == EntityTags{});  // Another tag than with small letters.
}

TEST_CASE("what is no list of entity-tags is refused", "[server][etag]") {
  for (const char* field : {"", " ", ",", "x", "0000000000000001", "\"a", "a\"", "\"a\" \"b\"", "\"a\"b", "*, \"a\"", "w/\"a\"",
                            "W/", "W/a", "\"a\x7F\""}) {
    CAPTURE(field);
    CHECK(!ParseEntityTags(field));
  }
}

}  // namespace
}  // namespace clientele
