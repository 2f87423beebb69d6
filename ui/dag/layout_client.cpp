#include "ui/dag/layout_client.h"

#include <nlohmann/json.hpp>

namespace gradus::ui {

using Json = nlohmann::json;

namespace {

constexpr qint64 kSteady = 1000;  // milliseconds; what ends sooner would end again

}  // namespace

LayoutClient::LayoutClient(QString program, int timeout, QObject* parent)
    : QObject(parent), program_(std::move(program)) {
  timer_.setSingleShot(true);
  timer_.setInterval(timeout);
  connect(&timer_, &QTimer::timeout, this,
          [this] { retry(tr("the layout program did not answer")); });
  connect(&process_, &QProcess::readyReadStandardOutput, this, &LayoutClient::read);
  connect(&process_, &QProcess::finished, this, [this] {
    if (waiting_) {
      retry(tr("the layout program ended"));
    } else if (started_.elapsed() > kSteady) {  // else it waits for the next request
      start();
      emit restarted(tr("the layout program had ended"));
    }
  });
  connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (waiting_ && error == QProcess::FailedToStart) {
      waiting_ = false;
      timer_.stop();
      emit failed(tr("%1 could not be started").arg(program_));
    }
  });
}

LayoutClient::~LayoutClient() {
  waiting_ = false;
  process_.disconnect(this);
  if (process_.state() == QProcess::NotRunning) return;
  process_.closeWriteChannel();  // it ends with its input
  if (process_.waitForFinished(200)) return;
  process_.kill();
  process_.waitForFinished(200);
}

void LayoutClient::request(const LayoutRequest& request) {
  pending_ = request;
  ++id_;
  retried_ = false;
  send();
}

void LayoutClient::start() {
  buffer_.clear();
  started_.start();
  process_.start(program_, QStringList());
}

void LayoutClient::send() {
  waiting_ = true;
  timer_.start();
  if (process_.state() == QProcess::NotRunning) start();
  Json nodes = Json::array();
  for (const QSizeF& size : pending_.nodes) nodes.push_back({size.width(), size.height()});
  Json edges = Json::array();
  for (const auto& [from, to] : pending_.edges) edges.push_back({from, to});
  const Json line = {{"id", id_}, {"nodes", std::move(nodes)}, {"edges", std::move(edges)}};
  process_.write(QByteArray::fromStdString(line.dump() + '\n'));
}

void LayoutClient::retry(const QString& why) {
  timer_.stop();
  if (process_.state() != QProcess::NotRunning) {
    const QSignalBlocker quiet(process_);
    process_.kill();
    process_.waitForFinished(500);
  }
  if (retried_) {
    waiting_ = false;
    emit failed(why);
    return;
  }
  retried_ = true;
  emit restarted(why);
  send();
}

void LayoutClient::read() {
  buffer_ += process_.readAllStandardOutput();
  for (qsizetype end; (end = buffer_.indexOf('\n')) >= 0; buffer_.remove(0, end + 1)) {
    const Json answer = Json::parse(buffer_.left(end).toStdString(), nullptr, false);
    if (answer.is_discarded() || !answer.is_object() || answer.value("id", Json()) != id_) continue;
    waiting_ = false;
    timer_.stop();
    if (answer.contains("error")) {
      emit failed(QString::fromStdString(answer["error"].get<std::string>()));
      continue;
    }
    const auto point = [](const Json& p) { return QPointF(p.at(0), p.at(1)); };
    LayoutResult result;
    try {
      result.size = QSizeF(answer.at("size").at(0), answer.at("size").at(1));
      for (const Json& node : answer.at("nodes")) result.nodes.push_back(point(node));
      for (const Json& edge : answer.at("edges")) {
        QPainterPath path;
        if (!edge.empty()) path.moveTo(point(edge.at(0)));
        for (size_t i = 1; i + 2 < edge.size(); i += 3) {
          path.cubicTo(point(edge.at(i)), point(edge.at(i + 1)), point(edge.at(i + 2)));
        }
        result.edges.push_back(std::move(path));
      }
    } catch (const Json::exception& error) {
      emit failed(QString::fromUtf8(error.what()));
      continue;
    }
    emit placed(result);
  }
}

}  // namespace gradus::ui
