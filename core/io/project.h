// The .gradus file: a NetGraph as JSON that a person can read. Version 1.
#pragma once

#include <filesystem>
#include <string>

#include "core/net/net_graph.h"

namespace gradus {

std::string to_json(const NetGraph& graph);
// Throws Error saying what is wrong and where: no JSON, another format, a newer version, unknown
// layers, cycles, settings out of range. `where` names the source in messages.
NetGraph graph_from_json(const std::string& text, const std::string& where);

NetGraph load_project(const std::filesystem::path& file);
void save_project(const NetGraph& graph, const std::filesystem::path& file);

}  // namespace gradus
