#include "app/cli/svg_chart.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gradus::cli {
namespace {

TEST(SvgChart, TicksAreRoundAndCoverTheRange) {
  EXPECT_EQ(round_ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{
           {0.0, 2.31}, {-3.0, 7.5}, {0.81, 0.86}, {0.0, 1e-4}}) {
    const std::vector<double> ticks = round_ticks(low, high, 5);
    EXPECT_LE(ticks.front(), low + 1e-12);
    EXPECT_GE(ticks.back(), high - 1e-12);
    EXPECT_LE(ticks.size(), 12u);
  }
}

TEST(SvgChart, DrawsWhatItIsGivenAndLeavesOutNan) {
  std::vector<std::pair<double, double>> points;
  for (int i = 0; i < 5000; ++i) points.emplace_back(i / 1000.0, 1.0 / (i + 1));
  points.emplace_back(5.1, NAN);
  const std::string svg = draw_svg({{"Loss <x>", "epochs", "", {{"train", "#0072B2", points}}},
                                    {"Empty", "epochs", "", {{"none", "#000", {}}}}});
  EXPECT_TRUE(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find("Loss &lt;x&gt;"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  EXPECT_LT(svg.size(), 40000u) << "long curves are thinned";
}

}  // namespace
}  // namespace gradus::cli
