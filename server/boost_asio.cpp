// Boost.Asio and Boost.Beast compiled once, here, instead of in every file that includes them (see CMakeLists.txt).
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
