// A line of any number of points, as few as a screen can show: of each of many slices the lowest
// and the highest point, which is what a line of so many points looks like. Adding one costs the
// same however many there are.
#pragma once

#include <QList>
#include <QPointF>
#include <algorithm>

namespace gradus::ui {

class ThinLine {
 public:
  static constexpr qsizetype kSlices = 750;

  void clear() { *this = {}; }
  void add(const QPointF& point) {
    highest_ = std::max(highest_, point.y());
    if (slices_.isEmpty() || slices_.back().count == width_) {
      if (slices_.size() == 2 * kSlices) halve();
      slices_.append({point, point, 0});
    }
    slices_.back().take(point);
    ++count_;
  }
  qsizetype count() const { return count_; }
  qreal highest() const { return highest_; }  // 0 if all are below
  QList<QPointF> points() const {
    QList<QPointF> result;
    for (const Slice& slice : slices_) {
      const bool rises = slice.low.x() <= slice.high.x();
      result.append(rises ? slice.low : slice.high);
      if (slice.low != slice.high) result.append(rises ? slice.high : slice.low);
    }
    return result;
  }

 private:
  struct Slice {
    QPointF low, high;
    qsizetype count = 0;
    void take(const QPointF& point) {
      if (point.y() < low.y()) low = point;
      if (point.y() > high.y()) high = point;
      ++count;
    }
  };
  // Slices twice as wide, half as many.
  void halve() {
    for (qsizetype i = 0; i < kSlices; ++i) {
      Slice merged = slices_[2 * i];
      const Slice& next = slices_[2 * i + 1];
      const qsizetype both = merged.count + next.count;
      merged.take(next.low);
      merged.take(next.high);
      merged.count = both;
      slices_[i] = merged;
    }
    slices_.resize(kSlices);
    width_ *= 2;
  }

  QList<Slice> slices_;
  qsizetype width_ = 1;  // points in a full slice
  qsizetype count_ = 0;
  qreal highest_ = 0;
};

}  // namespace gradus::ui
