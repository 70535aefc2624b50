// A blocking HTTP/1.1 client with one kept-alive connection, for measuring the server from outside.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace clientele {

class HttpClient {
 public:
  explicit HttpClient(const std::string& host_and_port);  // Exits the program with a message when it cannot connect.
  ~HttpClient();

  // Body of a GET; valid until the next call. Exits with a message unless the reply is 200.
  const std::string& Get(const std::string& path);

  // Sends a body with POST, PUT or the like. Exits with a message unless the reply is a success.
  void Send(const std::string& method, const std::string& path, const std::string& type, const std::string& body);

  // Gets a streamed array of objects and counts them (by their `"id":` at depth one) without keeping the body.
  std::uint64_t CountStreamedObjects(const std::string& path);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The number behind `"count":` of a page.
std::uint64_t CountMember(std::string_view body);

}  // namespace clientele
