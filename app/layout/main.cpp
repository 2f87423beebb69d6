// gradus-layout: lays out graphs with Graphviz's dot, for the lab. A program of its own, since
// Graphviz is not thread-safe, cannot be cancelled and may end its process on an error.
//
// Reads one request per line and answers each with one line of JSON; lengths are pixels, y grows
// downwards, nodes are numbered from 0:
//   {"id": 7, "nodes": [[width, height], …], "edges": [[from, to], …]}
//   {"id": 7, "size": [width, height], "nodes": [[x, y], …], "edges": [[[x, y], …], …]}
// A node's place is its centre; an edge is a chain of cubic Bézier curves (1 + 3k points) from tail
// to head. What cannot be laid out is answered by {"id": 7, "error": "…"}. Ends with its input.
#include <graphviz/gvc.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Json = nlohmann::json;

constexpr double kPixelsPerInch = 72.0;  // dot's points are our pixels

// Graphviz takes text that it does not change, without saying so.
char* text(const char* constant) { return const_cast<char*>(constant); }

class Layout {
 public:
  Layout() : context_(gvContext()) {
    agseterr(AGMAX);  // errors are ours to report
  }
  ~Layout() { gvFreeContext(context_); }
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;

  Json run(const Json& request) {
    const std::unique_ptr<Agraph_t, Close> owner(agopen(text("g"), Agdirected, nullptr));
    Agraph_t* graph = owner.get();
    const std::vector<Agnode_t*> nodes = add_nodes(graph, request.at("nodes"));
    const std::vector<Agedge_t*> edges = add_edges(graph, request.at("edges"), nodes);
    if (gvLayout(context_, graph, "dot") != 0) {
      throw std::runtime_error("dot could not lay the graph out");
    }
    const boxf bounds = GD_bb(graph);
    const auto point = [&](pointf p) { return Json{p.x - bounds.LL.x, bounds.UR.y - p.y}; };
    Json answer = {{"size", {bounds.UR.x - bounds.LL.x, bounds.UR.y - bounds.LL.y}},
                   {"nodes", Json::array()},
                   {"edges", Json::array()}};
    for (Agnode_t* node : nodes) answer["nodes"].push_back(point(ND_coord(node)));
    for (Agedge_t* edge : edges) {
      Json points = Json::array();
      if (const splines* lines = ED_spl(edge); lines && lines->size > 0) {
        const bezier& curve = lines->list[0];
        for (size_t i = 0; i < static_cast<size_t>(curve.size); ++i) {
          points.push_back(point(curve.list[i]));
        }
      }
      answer["edges"].push_back(std::move(points));
    }
    gvFreeLayout(context_, graph);
    return answer;
  }

 private:
  struct Close {
    void operator()(Agraph_t* graph) const { agclose(graph); }
  };
  static std::vector<Agnode_t*> add_nodes(Agraph_t* graph, const Json& sizes) {
    agattr(graph, AGRAPH, text("rankdir"), text("TB"));
    agattr(graph, AGRAPH, text("nodesep"), text("0.33"));
    agattr(graph, AGRAPH, text("ranksep"), text("0.44"));
    agattr(graph, AGNODE, text("shape"), text("box"));
    agattr(graph, AGNODE, text("fixedsize"), text("true"));
    agattr(graph, AGNODE, text("label"), text(""));
    agattr(graph, AGEDGE, text("arrowhead"), text("none"));
    Agsym_t* width = agattr(graph, AGNODE, text("width"), text("1"));
    Agsym_t* height = agattr(graph, AGNODE, text("height"), text("1"));
    std::vector<Agnode_t*> nodes;
    for (const Json& size : sizes) {
      const std::string name = std::to_string(nodes.size());
      Agnode_t* node = agnode(graph, text(name.c_str()), 1);
      const auto set = [&](Agsym_t* symbol, const Json& pixels) {
        agxset(node, symbol, text(std::to_string(pixels.get<double>() / kPixelsPerInch).c_str()));
      };
      set(width, size.at(0));
      set(height, size.at(1));
      nodes.push_back(node);
    }
    return nodes;
  }

  static std::vector<Agedge_t*> add_edges(Agraph_t* graph, const Json& pairs,
                                          const std::vector<Agnode_t*>& nodes) {
    std::vector<Agedge_t*> edges;
    for (const Json& pair : pairs) {
      const std::string name = std::to_string(edges.size());
      edges.push_back(agedge(graph, nodes.at(pair.at(0).get<size_t>()),
                             nodes.at(pair.at(1).get<size_t>()), text(name.c_str()), 1));
    }
    return edges;
  }

  GVC_t* context_;
};

}  // namespace

int main() {
  Layout layout;
  for (std::string line; std::getline(std::cin, line);) {
    Json answer;
    Json id;
    try {
      const Json request = Json::parse(line);
      id = request.at("id");
      answer = layout.run(request);
    } catch (const std::exception& error) {
      answer = {{"error", error.what()}};
    }
    answer["id"] = id;
    std::cout << answer.dump() << std::endl;
  }
  return 0;
}
