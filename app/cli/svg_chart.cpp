#include "app/cli/svg_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gradus::cli {
namespace {

// All on an 8-pixel grid.
constexpr double kWidth = 720, kHeight = 320;
constexpr double kLeft = 72, kRight = 24, kTop = 56, kBottom = 56;

std::string escaped(const std::string& text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '&':
        result += "&amp;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

struct Axis {
  double low = 0, high = 1;
  double from = 0, to = 1;  // pixels
  std::vector<double> ticks;
  double at(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

Axis make_axis(double low, double high, double from, double to, int count) {
  if (!(low <= high)) low = 0, high = 1;
  if (low == high) low -= 0.5, high += 0.5;
  Axis axis{low, high, from, to, round_ticks(low, high, count)};
  axis.low = std::min(low, axis.ticks.front());
  axis.high = std::max(high, axis.ticks.back());
  return axis;
}

// Curves of many thousand points are thinned to the extremes of each pixel column.
std::vector<std::pair<double, double>> thinned(const Series& series, const Axis& x) {
  std::vector<std::pair<double, double>> points;
  for (const auto& p : series.points) {
    if (std::isfinite(p.first) && std::isfinite(p.second)) points.push_back(p);
  }
  if (points.size() < 2000) return points;
  std::vector<std::pair<double, double>> result;
  for (size_t i = 0; i < points.size();) {
    const double column = std::floor(x.at(points[i].first));
    size_t low = i;
    size_t high = i;
    size_t j = i;
    for (; j < points.size() && std::floor(x.at(points[j].first)) == column; ++j) {
      if (points[j].second < points[low].second) low = j;
      if (points[j].second > points[high].second) high = j;
    }
    result.push_back(points[std::min(low, high)]);
    if (low != high) result.push_back(points[std::max(low, high)]);
    i = j;
  }
  return result;
}

std::string draw(const Chart& chart, double top) {
  double x_low = INFINITY, x_high = -INFINITY, y_low = INFINITY, y_high = -INFINITY;
  for (const Series& series : chart.series) {
    for (const auto& [x, y] : series.points) {
      if (!std::isfinite(x) || !std::isfinite(y)) continue;
      x_low = std::min(x_low, x), x_high = std::max(x_high, x);
      y_low = std::min(y_low, y), y_high = std::max(y_high, y);
    }
  }
  const Axis x = make_axis(std::min(0.0, x_low), x_high, kLeft, kWidth - kRight, 6);
  const Axis y = make_axis(chart.percent ? 0.0 : std::min(0.0, y_low), chart.percent ? 1.0 : y_high,
                           top + kHeight - kBottom, top + kTop, 4);
  std::string out = fmt::format("<text x=\"{}\" y=\"{}\" class=\"title\">{}</text>\n", kLeft,
                                top + 32, escaped(chart.title));
  for (double tick : y.ticks) {
    out += fmt::format(
        "<line x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\" class=\"grid\"/>"
        "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
        kLeft, y.at(tick), kWidth - kRight, y.at(tick), kLeft - 8, y.at(tick) + 4,
        chart.percent ? fmt::format("{:g} %", std::round(tick * 1000) / 10)
                      : fmt::format("{:g}", tick));
  }
  for (double tick : x.ticks) {
    out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g}</text>\n",
                       x.at(tick), top + kHeight - kBottom + 20, tick);
  }
  out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\" class=\"label\">{}</text>\n",
                     kWidth - kRight, top + kHeight - 16, escaped(chart.x_label));
  double legend = kWidth - kRight;
  for (size_t i = chart.series.size(); i-- > 0;) {
    const Series& series = chart.series[i];
    const double width = 8.0 * static_cast<double>(series.name.size()) + 32;
    legend -= width;
    out += fmt::format(
        "<line x1=\"{0:.0f}\" y1=\"{1}\" x2=\"{2:.0f}\" y2=\"{1}\" stroke=\"{3}\" "
        "stroke-width=\"3\"/><text x=\"{4:.0f}\" y=\"{5}\">{6}</text>\n",
        legend, top + 28, legend + 16, series.colour, legend + 22, top + 32, escaped(series.name));
    std::string path;
    const auto points = thinned(series, x);
    for (const auto& [px, py] : points) {
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", x.at(px), y.at(py));
    }
    out += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/>\n", path,
                       series.colour);
    if (!series.markers) continue;
    for (const auto& [px, py] : points) {
      out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"/>\n", x.at(px),
                         y.at(py), series.colour);
    }
  }
  return out;
}

}  // namespace

std::vector<double> round_ticks(double low, double high, int count) {
  const double raw = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double ratio = raw / power;
  const double step = power * (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10);
  std::vector<double> ticks;
  const double first = std::floor(low / step);
  for (double i = first; ticks.size() < 2 || ticks.back() < high - step * 1e-9; ++i) {
    ticks.push_back(i * step);
  }
  return ticks;
}

std::string draw_svg(const std::vector<Chart>& charts) {
  const double height = kHeight * static_cast<double>(charts.size());
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
      "viewBox=\"0 0 {0} {1}\">\n"
      "<style>text{{font:13px sans-serif;fill:#444}}.title{{font-size:16px;fill:#111}}"
      ".grid{{stroke:#ddd}}</style>\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n",
      kWidth, height);
  for (size_t i = 0; i < charts.size(); ++i) {
    out += draw(charts[i], kHeight * static_cast<double>(i));
  }
  return out + "</svg>\n";
}

}  // namespace gradus::cli
