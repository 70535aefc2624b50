// A live set behind the server's seams: list queries and writes.
#pragma once

#include <memory>

#include "engine/client_set.h"
#include "server/list_service.h"
#include "server/write_service.h"

namespace clientele {

std::shared_ptr<const ListService> MakeListService(std::shared_ptr<const ClientSet> set);
std::shared_ptr<WriteService> MakeWriteService(std::shared_ptr<ClientSet> set);

}  // namespace clientele
