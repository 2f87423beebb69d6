#include "core/io/project.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/file.h"

namespace gradus {
namespace {

using Json = nlohmann::ordered_json;

Json attr_to_json(const AttrValue& value) {
  struct Visitor {
    Json operator()(std::monostate) const { return nullptr; }
    Json operator()(bool b) const { return b; }
    Json operator()(int64_t i) const { return i; }
    Json operator()(double d) const { return d; }
    Json operator()(const Dims& dims) const {
      return Json(std::vector<int64_t>(dims.begin(), dims.end()));
    }
    Json operator()(DType dtype) const { return to_string(dtype); }
    Json operator()(const std::string& text) const { return text; }
  };
  return std::visit(Visitor{}, value);
}

// Reads fields of one JSON object, with messages that say where they stand.
class Reader {
 public:
  Reader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) fail(where_, "expected an object {{…}}, got {}", json.type_name());
  }

  const std::string& where() const { return where_; }
  bool has(const char* key) const { return json_.contains(key); }
  const Json& at(const char* key) const {
    if (!has(key)) fail(where_, "{:?} is missing", key);
    return json_.at(key);
  }
  const Json& list(const char* key) const {
    const Json& value = at(key);
    if (!value.is_array())
      fail(where_, "{:?} must be a list [...], got {}", key, value.type_name());
    return value;
  }
  std::string text(const char* key) const {
    const Json& value = at(key);
    if (!value.is_string()) fail(where_, "{:?} must be text, got {}", key, value.type_name());
    return value.get<std::string>();
  }
  int64_t whole(const char* key) const {
    const double value = number(key);
    if (std::nearbyint(value) != value || std::abs(value) > 9e15) {
      fail(where_, "{:?} must be a whole number, got {}", key, value);
    }
    return static_cast<int64_t>(value);
  }
  // From 0 to 2^64-1, more than a double holds exactly.
  uint64_t seed(const char* key) const {
    const Json& value = at(key);
    if (!value.is_number_unsigned()) {
      fail(where_, "{:?} must be a whole number from 0 to 2^64-1, got {}", key,
           value.is_number() ? value.dump() : value.type_name());
    }
    return value.get<uint64_t>();
  }
  double number(const char* key) const {
    const Json& value = at(key);
    if (!value.is_number()) fail(where_, "{:?} must be a number, got {}", key, value.type_name());
    return value.get<double>();
  }

 private:
  const Json& json_;
  std::string where_;
};

AttrValue attr_from_json(const Json& json, const std::string& where) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_array()) {
    Dims dims;
    for (const Json& item : json) {
      if (!item.is_number_integer()) fail(where, "a list may hold whole numbers only");
      dims.push_back(item.get<int64_t>());
    }
    return dims;
  }
  fail(where, "expected a number, true, false, text or a list of whole numbers, got {}",
       json.type_name());
}

NodeId node_id(const Reader& reader, const char* key) {
  const int64_t id = reader.whole(key);
  if (id < 1 || id > 1'000'000'000) fail(reader.where(), "there is no node {}", id);
  return static_cast<NodeId>(id);
}

Json loop_to_json(const std::vector<LoopItem>& items) {
  Json list = Json::array();
  for (const LoopItem& item : items) {
    if (item == LoopItem{item.phase}) {
      list.push_back(to_string(item.phase));
      continue;
    }
    Json entry = {{"do", to_string(item.phase)}};
    if (item.of) entry["of"] = item.of;
    if (item.gradient) entry["gradient"] = item.gradient;
    if (item.retain_graph) entry["retain_graph"] = true;
    list.push_back(std::move(entry));
  }
  return list;
}

std::vector<LoopItem> loop_from_json(const Json& list, const std::string& where) {
  std::vector<LoopItem> items;
  for (const Json& entry : list) {
    LoopItem item;
    std::string name;
    if (entry.is_string()) {
      name = entry.get<std::string>();
    } else {
      const Reader reader(entry, where);
      name = reader.text("do");
      for (const auto& [key, value] : entry.items()) {
        if (key == "do" || key == "of" || key == "gradient" || key == "retain_graph") continue;
        fail(where, "{} has no {:?}; there are do, of, gradient and retain_graph", name, key);
      }
      if (reader.has("retain_graph")) {
        if (!reader.at("retain_graph").is_boolean()) {
          fail(where, "\"retain_graph\" must be true or false");
        }
        item.retain_graph = reader.at("retain_graph").get<bool>();
      }
      if (reader.has("of")) item.of = node_id(reader, "of");
      if (reader.has("gradient")) item.gradient = node_id(reader, "gradient");
    }
    bool known = false;
    std::string all;
    for (int p = 0; p <= static_cast<int>(Phase::evaluate); ++p) {
      const char* phase = to_string(static_cast<Phase>(p));
      all += (all.empty() ? "" : ", ") + std::string(phase);
      if (name != phase) continue;
      item.phase = static_cast<Phase>(p);
      known = true;
    }
    if (!known) fail(where, "there is no step called {:?}; there are {}", name, all);
    const bool backward = item.phase == Phase::backward;
    if ((item.retain_graph || item.gradient) && !backward) {
      fail(where, "retain_graph and gradient are for backward, not for {}", name);
    }
    if (item.of && !backward && item.phase != Phase::retain_grad) {
      fail(where, "of is for backward and retain_grad, not for {}", name);
    }
    items.push_back(item);
  }
  return items;
}

Training training_from_json(const Reader& reader) {
  Training training;
  if (reader.has("dataset")) training.dataset = reader.text("dataset");
  if (reader.has("epochs")) training.epochs = reader.whole("epochs");
  if (reader.has("batch_size")) training.batch_size = reader.whole("batch_size");
  if (reader.has("seed")) training.seed = reader.seed("seed");
  if (reader.has("optimizer")) {
    const Reader optimizer(reader.at("optimizer"), reader.where() + " optimizer");
    const std::string type = optimizer.text("type");
    if (type != "SGD") fail(optimizer.where(), "there is no optimizer {:?}; there is SGD", type);
    if (optimizer.has("lr")) training.optimizer.lr = optimizer.number("lr");
    if (optimizer.has("momentum")) training.optimizer.momentum = optimizer.number("momentum");
  }
  if (reader.has("loop")) {
    const Reader loop(reader.at("loop"), reader.where() + " loop");
    training.loop.each_batch = loop_from_json(loop.list("each_batch"), loop.where());
    training.loop.each_epoch = loop_from_json(loop.list("each_epoch"), loop.where());
  }
  check(training);
  return training;
}

}  // namespace

std::string to_json(const NetGraph& graph) {
  const Training& training = graph.training;
  Json nodes = Json::array();
  for (const NetNode& node : graph.nodes()) {
    Json attrs = Json::object();
    for (const auto& [name, value] : node.attrs) attrs[name] = attr_to_json(value);
    Json entry = {{"id", node.id}, {"type", node.type}, {"name", node.name}};
    if (!attrs.empty()) entry["attrs"] = std::move(attrs);
    entry["x"] = node.x;
    entry["y"] = node.y;
    nodes.push_back(std::move(entry));
  }
  Json wires = Json::array();
  for (const Wire& wire : graph.wires()) {
    wires.push_back({{"from", wire.from}, {"to", wire.to}, {"port", wire.port}});
  }
  Json file = {{"format", "gradus"}, {"version", 1}, {"title", graph.title}};
  if (!graph.note.empty()) file["note"] = graph.note;
  file["nodes"] = std::move(nodes);
  file["wires"] = std::move(wires);
  file["training"] = {
      {"dataset", training.dataset},
      {"epochs", training.epochs},
      {"batch_size", training.batch_size},
      {"seed", training.seed},
      {"optimizer",
       {{"type", "SGD"}, {"lr", training.optimizer.lr}, {"momentum", training.optimizer.momentum}}},
      {"loop",
       {{"each_batch", loop_to_json(training.loop.each_batch)},
        {"each_epoch", loop_to_json(training.loop.each_epoch)}}}};
  return file.dump(2) + "\n";
}

NetGraph graph_from_json(const std::string& text, const std::string& where) {
  Json file;
  try {
    // A deep nest is no network, and walking it could use up the stack.
    file = Json::parse(text, [&](int depth, Json::parse_event_t, Json&) {
      constexpr int kDeepest = 32;
      if (depth > kDeepest) fail(where, "is not a .gradus file: it nests {} deep", depth);
      return true;
    });
  } catch (const Json::exception& error) {
    fail(where, "is not a .gradus file: it is not valid JSON ({})", error.what());
  }
  try {
    const Reader reader(file, where);
    if (!reader.has("format") || reader.text("format") != "gradus") {
      fail(where, "is not a .gradus file: it has no \"format\": \"gradus\"");
    }
    if (const int64_t version = reader.whole("version"); version != 1) {
      fail(where, "has version {}, this Gradus reads version 1: update Gradus", version);
    }
    NetGraph graph;
    if (reader.has("title")) graph.title = checked_name(reader.text("title"), where + " title");
    if (reader.has("note")) graph.note = checked_note(reader.text("note"), where + " note");
    for (const Json& entry : reader.list("nodes")) {
      const Reader item(entry, where + " node");
      const int64_t id = item.whole("id");
      if (id < 1 || id > 1'000'000'000) fail(item.where(), "id {} is out of range", id);
      NetNode node{.id = static_cast<NodeId>(id),
                   .type = item.text("type"),
                   .name = item.text("name"),
                   .attrs = {}};
      if (item.has("x")) node.x = item.number("x");
      if (item.has("y")) node.y = item.number("y");
      if (item.has("attrs")) {
        const Json& attrs = item.at("attrs");
        if (!attrs.is_object()) fail(item.where(), "\"attrs\" must be an object {{...}}");
        for (const auto& [name, value] : attrs.items()) {
          node.attrs[name] = attr_from_json(value, fmt::format("{} {}", item.where(), name));
        }
      }
      graph.add(std::move(node));
    }
    for (const Json& entry : reader.list("wires")) {
      const Reader item(entry, where + " wire");
      const int64_t port = item.has("port") ? item.whole("port") : 0;
      if (port < 0 || port > 1000) fail(item.where(), "there is no input {}", port);
      graph.connect(node_id(item, "from"), node_id(item, "to"), static_cast<int>(port));
    }
    if (reader.has("training")) {
      graph.training = training_from_json(Reader(reader.at("training"), where + " training"));
    }
    return graph;
  } catch (const Json::exception& error) {
    fail(where, "cannot be read: {}", error.what());
  } catch (const Error& error) {
    const std::string message = error.what();
    if (message.find(where) != std::string::npos) throw;
    fail(where, "{}", message);
  }
}

NetGraph load_project(const std::filesystem::path& file) {
  return graph_from_json(read_file(file, size_t{16} << 20), file.string());
}

void save_project(const NetGraph& graph, const std::filesystem::path& file) {
  write_file_atomically(file, to_json(graph));
}

}  // namespace gradus
