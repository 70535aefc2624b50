// Any bytes as the JSON of a record: they are refused with an error, or they come out of the encoding as JSON that is accepted
// and comes out the same again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "index/record_codec.h"
#include "loader/record_parser.h"

namespace clientele {
namespace {

// Fails as a fuzzer does.
void Require(bool condition) {
  if (!condition) std::abort();
}

class RecordCheck {
 public:
  void Run(std::string_view json) {
    if (!Parse(json)) {
      Require(!error_.expected.empty());
      return;
    }
    const std::string first = Rendered();
    Require(Parse(first));
    Require(Rendered() == first);
  }

 private:
  bool Parse(std::string_view json) {
    text_.assign(json).append(RecordParser::kPadding, '"');
    error_ = {};
    return parser_.Parse(std::string_view(text_).substr(0, json.size()), record_, error_);
  }

  std::string Rendered() {
    std::string encoded, json;
    encoder_.Append(record_, encoded);
    RenderRecord(*dictionaries_, reinterpret_cast<const std::uint8_t*>(encoded.data()), ~std::uint64_t{0}, json);
    return json;
  }

  std::string text_;
  RecordParser parser_;
  ClientRecord record_;
  RecordError error_;
  std::shared_ptr<RecordDictionaries> dictionaries_ = NewRecordDictionaries();
  RecordEncoder encoder_{dictionaries_};
};

}  // namespace
}  // namespace clientele

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Kept from input to input as a load keeps it from record to record: what one leaves behind must not harm the next.
  static clientele::RecordCheck check;
  check.Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
