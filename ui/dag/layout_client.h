// Asks gradus-layout, a process of its own, to place a graph. A process that ends or does not
// answer in time is started again, once per request, and where it ends unasked; each is told.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QPainterPath>
#include <QProcess>
#include <QTimer>
#include <vector>

namespace gradus::ui {

struct LayoutRequest {
  std::vector<QSizeF> nodes;
  std::vector<std::pair<int, int>> edges;  // from, to
};

struct LayoutResult {
  QSizeF size;
  std::vector<QPointF> nodes;       // centres
  std::vector<QPainterPath> edges;  // from tail to head
};

class LayoutClient final : public QObject {
  Q_OBJECT

 public:
  // `program`: where gradus-layout is. `timeout` in milliseconds.
  explicit LayoutClient(QString program, int timeout = 5000, QObject* parent = nullptr);
  ~LayoutClient() override;

  // The newest request counts; answers to older ones are dropped.
  void request(const LayoutRequest& request);

 signals:
  void placed(const gradus::ui::LayoutResult& result);
  void restarted(const QString& why);  // and asked again
  void failed(const QString& why);     // given up on this request

 private:
  void start();
  void send();
  void read();
  void retry(const QString& why);

  QString program_;
  QProcess process_;
  QTimer timer_;
  LayoutRequest pending_;
  int id_ = 0;
  bool waiting_ = false;
  QElapsedTimer started_;
  bool retried_ = false;
  QByteArray buffer_;
};

}  // namespace gradus::ui
