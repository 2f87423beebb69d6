// Line charts as SVG text: loss and accuracy curves without a window.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gradus::cli {

struct Series {
  std::string name;
  std::string colour;  // "#0072B2"
  std::vector<std::pair<double, double>> points;
  bool markers = false;
};

struct Chart {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<Series> series;
  bool percent = false;  // y from 0 to 1, labelled in per cent
};

// The charts below each other in one picture. Points that are not finite are left out.
std::string draw_svg(const std::vector<Chart>& charts);

// About `count` round numbers that cover [low, high].
std::vector<double> round_ticks(double low, double high, int count);

}  // namespace gradus::cli
